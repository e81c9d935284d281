// The frame: who is logged in, the tabs, which node's view is shown, and the page that the address names. Pages are loaded
// when they are first opened; the frame knows them only by the table of pages.ts.

import type { ComponentType } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { taken } from './actions.ts'
import { CommandsDrawer } from './components/commands.tsx'
import { Confirmations } from './components/dialog.tsx'
import { EmptyState } from './components/empty.tsx'
import { ErrorLine, Toasts } from './components/toast.tsx'
import { counted, rate } from './format.ts'
import { login, logOut } from './http.ts'
import { goneSince, nodes, state, view } from './live.ts'
import { LoginPage } from './login.tsx'
import { type PageProps, type Tab, tabs } from './pages.ts'
import { href, route } from './router.ts'
import type { Totals } from './shapes.ts'
import { setTheme, type Theme, theme } from './theme.ts'

export function App() {
  if (login.value === null) return <LoginPage />
  const { page, parts, query } = route.value
  const tab = page === '' ? tabs[0] : tabs.find(({ path }) => path === page)
  return (
    <>
      <Bar tab={tab} />
      {goneSince.value !== null && (
        <p class="notice" role="alert">
          The server does not answer; asking again every second. What you see is from{' '}
          {goneSince.value.toLocaleTimeString()}.
        </p>
      )}
      <main class={goneSince.value === null ? 'page' : 'page stale'}>
        {tab === undefined ? (
          <NoSuchPage page={page} />
        ) : (
          <Page key={tab.path} tab={tab} parts={parts} query={query} />
        )}
      </main>
      <Toasts />
      <Confirmations />
    </>
  )
}

function Bar({ tab }: { readonly tab: Tab | undefined }) {
  const [commands, showCommands] = useState(false)
  const running = nodes.value?.filter(({ state }) => state === 'running').length
  return (
    <header class="bar">
      <div class="top">
        <a class="brand" href={href('')}>
          <img src="./icon.svg" alt="" width="24" height="24" />
          <h1>Warren</h1>
        </a>
        <p class="facts">
          {nodes.value !== null && (
            <span>
              {running} of {nodes.value.length} nodes running
            </span>
          )}
          {state.value !== null && <Sums {...state.value.totals} />}
          {state.value?.memoryAlarm && <span class="error">memory alarm: publishers are blocked</span>}
        </p>
        <ViewChoice />
        <button type="button" aria-expanded={commands} onClick={() => showCommands(!commands)}>
          Commands{taken.value.length > 0 && ` (${taken.value.length})`}
        </button>
        <ThemeChoice />
        <button type="button" onClick={() => logOut()}>
          Log out
        </button>
      </div>
      <nav class="tabs" aria-label="Pages">
        {tabs.map(({ path, title }) => (
          <a key={path} href={href(path)} aria-current={tab?.path === path ? 'page' : undefined}>
            {title}
          </a>
        ))}
      </nav>
      {commands && <CommandsDrawer onClose={() => showCommands(false)} />}
    </header>
  )
}

const Sums = ({ queues, messages, connections, publish_rate, deliver_rate }: Totals) => (
  <>
    <span>{counted(queues, 'queue')}</span>
    <span>{counted(messages, 'message')}</span>
    <span class="less">{counted(connections, 'connection')}</span>
    <span class="less">
      in {rate(publish_rate)}, out {rate(deliver_rate)}
    </span>
  </>
)

/** Nodes of different sides of a partition see different clusters. */
function ViewChoice() {
  return (
    <label
      class="inline-label"
      title="The cluster as this node sees it: during a partition each side has its own view"
    >
      Seen by
      <select
        value={view.value}
        onChange={(event) => {
          view.value = event.currentTarget.value
        }}
      >
        <option value="">first running node</option>
        {nodes.value?.map(({ name }) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </label>
  )
}

const themes: readonly Theme[] = ['system', 'light', 'dark']

function ThemeChoice() {
  return (
    <select
      aria-label="Theme"
      title="Theme"
      value={theme.value}
      onChange={(event) => setTheme(event.currentTarget.value as Theme)}
    >
      {themes.map((name) => (
        <option key={name}>{name}</option>
      ))}
    </select>
  )
}

function Page({ tab, ...props }: PageProps & { readonly tab: Tab }) {
  const [loaded, setLoaded] = useState<{ readonly Body: ComponentType<PageProps> } | string | null>(null)
  useEffect(() => {
    let gone = false
    document.title = `Warren: ${tab.title}`
    tab.load().then(
      (file) => gone || setLoaded({ Body: file.default }),
      (error) =>
        gone || setLoaded(`This page could not be loaded: ${(error as Error).message}. Load it again.`),
    )
    return () => {
      gone = true
    }
  }, [tab])
  if (typeof loaded === 'string') return <ErrorLine text={loaded} />
  return loaded === null ? null : <loaded.Body {...props} />
}

const NoSuchPage = ({ page }: { readonly page: string }) => (
  <EmptyState title="There is no such page">
    <p>
      Nothing is called '{page}'. <a href={href('')}>Go to the first page</a>.
    </p>
  </EmptyState>
)
