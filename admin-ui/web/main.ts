// The first page: nodes, queues, policies and events of the running cluster. Asks the HTTP and control APIs of this same
// server once a second and updates what has changed in place.

import { onAction } from './commands.ts'
import { byId, setText } from './dom.ts'
import { eventsWanted, showEvents } from './events.ts'
import { isLoggedIn, LoginNeeded, logIn, logOut, reasonOf, request, segment, Unreachable } from './http.ts'
import { count, showNodes, startNodes } from './nodes.ts'
import { showPolicies, startPolicies } from './policies.ts'
import { showQueues, startQueues } from './queues.ts'
import type { Events, NodeState, PolicyEntry, QueuePage } from './shapes.ts'

const periodMs = 1000
/** As many queues as a person may want to look through; the rest is counted. */
const pageSize = 200
const queueQuery =
  `page=1&page_size=${pageSize}&` +
  'columns=vhost,name,node,state,slave_nodes,synchronised_slave_nodes,messages_ready,messages_unacknowledged,policy'

const view = byId<HTMLSelectElement>('view')
let timer: ReturnType<typeof setTimeout> | undefined
let looking = false
let again = false
let lastAnswer: Date | null = null

/** The API as the chosen node sees the cluster. */
const api = () => (view.value === '' ? '/api' : `/node/${segment(view.value)}/api`)

async function look(): Promise<void> {
  if (looking) {
    again = true
    return
  }
  looking = true
  clearTimeout(timer)
  try {
    await refresh()
    present()
  } catch (error) {
    absent(error)
  }
  looking = false
  if (!isLoggedIn()) return
  timer = setTimeout(look, again ? 0 : periodMs)
  again = false
}

async function refresh(): Promise<void> {
  const prefix = api()
  const [nodes, events, queues, policies, connections] = await Promise.all([
    request('GET', '/warren/nodes'),
    request('GET', `/warren/events?since=${eventsWanted()}`),
    request('GET', `${prefix}/queues?${queueQuery}`),
    request('GET', `${prefix}/policies`),
    request('GET', `${prefix}/connections?columns=name`),
  ])
  // Another view was chosen meanwhile: these answers are not of it.
  if (prefix !== api()) return
  const listed = <T>({ status, body }: { status: number; body: unknown }) =>
    status === 200 ? (body as readonly T[]) : null
  const states = listed<NodeState>(nodes)
  if (states !== null) {
    showNodes(states)
    showViews(states)
  }
  if (events.status === 200) showEvents(events.body as Events)
  showQueues(prefix, queues.status === 200 ? (queues.body as QueuePage) : null, reasonOf(queues.body))
  showPolicies(prefix, listed<PolicyEntry>(policies))
  const open = listed<unknown>(connections)
  setText(byId('connection-count'), open === null ? '– connections' : count(open.length, 'connection'))
}

function showViews(nodes: readonly NodeState[]): void {
  for (const { name } of nodes)
    if (![...view.options].some((option) => option.value === name)) view.append(new Option(name, name))
}

function present(): void {
  lastAnswer = new Date()
  byId('gone').hidden = true
  byId('login').hidden = true
  byId('page').hidden = false
  byId('logout').hidden = false
  byId('page').classList.remove('stale')
}

function absent(error: unknown): void {
  if (error instanceof LoginNeeded) return askLogin(error.message)
  // A mistake of the page's own: the next look may do better.
  if (!(error instanceof Unreachable)) return console.error(error)
  const since = lastAnswer === null ? '' : ` What you see is from ${lastAnswer.toLocaleTimeString()}.`
  setText(byId('gone'), `The server does not answer; asking again every second.${since}`)
  byId('gone').hidden = false
  byId('page').classList.add('stale')
}

function askLogin(reason: string): void {
  logOut()
  byId('page').hidden = true
  byId('logout').hidden = true
  byId('login').hidden = false
  setText(byId('login-error'), reason)
  byId('login-user').focus()
}

byId('login-form').addEventListener('submit', (event) => {
  event.preventDefault()
  logIn(byId<HTMLInputElement>('login-user').value, byId<HTMLInputElement>('login-password').value)
  void look()
})
byId('logout').addEventListener('click', () => {
  clearTimeout(timer)
  askLogin('')
})
view.addEventListener('change', () => void look())
onAction(() => void look(), absent)
startNodes()
startQueues()
startPolicies()
void look()
