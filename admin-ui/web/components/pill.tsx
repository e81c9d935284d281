// A state as a word on its colour: nodes, queues, links and connections have their states' colours in common.

const tones: Readonly<Record<string, string>> = {
  running: 'good',
  up: 'good',
  synchronised: 'good',
  waiting: 'wait',
  paused: 'wait',
  'app-stopped': 'wait',
  frozen: 'wait',
  silent: 'wait',
  syncing: 'busy',
  starting: 'busy',
  stopping: 'busy',
  blocked: 'bad',
  blocking: 'wait',
  flow: 'wait',
  down: 'bad',
  cut: 'bad',
  crashed: 'bad',
}

export const Pill = ({ state, tone }: { readonly state: string; readonly tone?: string }) => (
  <span class={`pill ${tone ?? tones[state] ?? ''}`}>{state}</span>
)
