// The admin page. Its shape, from the outside in:
//   app.tsx      frame: tabs, view, theme, login; loads the page that the address names
//   pages.ts     one row per tab; each page is a file of pages/ and is loaded when it is first opened
//   router.ts    the address after '#' as a page and its parts: #/queues/%2F/orders
//   live.ts      the one store: what the server pushes, and useLive(path) for whatever a page shows of the HTTP API
//   actions.ts   act(): every change goes through it, is listed as a command to copy, and makes the store look again
//   http.ts      requests with the login of this tab; nothing else calls fetch
//   components/  Table (virtual), confirm and Dialog, Toasts, Field, Chart, EmptyState, Copyable
//   style/       tokens (all colours and sizes), base (elements), components; a page brings its own file
// The server's rules forbid inline scripts and style elements (Content-Security-Policy: default-src 'self'): set styles through
// `style` of an element only, and give a library that makes style elements a shadow root to put them in.

import { render } from 'preact'
import { App } from './app.tsx'
import './style/tokens.css'
import './style/base.css'
import './style/components.css'

render(<App />, document.getElementById('app')!)
