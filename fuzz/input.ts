// What the fuzzer feeds to a cluster, as plain data: conversations as lists of steps, and the kind of cluster they are held
// with. Made by the corpus, changed by mutators and shrinkers, carried out by `drive`, kept as JSON in test/fuzz/findings.
// It must hold all that a replay needs: no generator is asked again.

/** One thing that happens. Actors are connections, numbered from 0; nodes are numbered from 1. */
export type Step =
  /** `more`: the turn goes on with the next step, as when two chunks come in one poll. */
  | { readonly do: 'send'; readonly actor: number; readonly bytes: Buffer; readonly more?: boolean }
  /** Publishes to the reply-to address that this actor was last delivered. */
  | { readonly do: 'reply'; readonly actor: number }
  | { readonly do: 'wait'; readonly ms: number }
  /** The socket breaks. */
  | { readonly do: 'drop'; readonly actor: number }
  /** The peer stops reading its socket, or reads again. */
  | { readonly do: 'stall' | 'read'; readonly actor: number }
  | { readonly do: 'kill' | 'stop' | 'start'; readonly node: number }
  | { readonly do: 'cut'; readonly groups: readonly (readonly number[])[] }
  | { readonly do: 'heal' }
  /** Sets the policy `fuzz` on all queues; an empty definition clears it. */
  | { readonly do: 'policy'; readonly definition: Readonly<Record<string, unknown>> }

/** One mutated conversation. */
export interface Input {
  /** The node that each connection goes to. */
  readonly actors: readonly number[]
  /** Do connections answer a close as clients do, and open the channel again? The others go on talking. */
  readonly polite?: boolean
  readonly steps: readonly Step[]
}

/** The cluster that a list of inputs meets. */
export interface Setup {
  readonly nodes: number
  readonly seed: number
  readonly timings: 'observed' | 'immediate'
  readonly partitionHandling: 'ignore' | 'autoheal' | 'pause_minority'
}

/** Something that must not happen, and how to make it happen again. */
export interface Finding {
  /** What was seen, in one line. */
  readonly what: string
  readonly stack: string
  readonly setup: Setup
  readonly inputs: readonly Input[]
}

const faults = ['kill', 'stop', 'cut', 'policy']

/** Does the input do anything to nodes or links? */
export function hasFaults(input: Input): boolean {
  return input.steps.some((step) => faults.includes(step.do))
}

/** A finding as text for a file, and back. */
export function findingToJson(finding: Finding): string {
  const plain = {
    ...finding,
    inputs: finding.inputs.map(({ steps, ...input }) => ({
      ...input,
      steps: steps.map((step) =>
        step.do === 'send' ? { ...step, bytes: step.bytes.toString('hex') } : step,
      ),
    })),
  }
  return `${JSON.stringify(plain, null, 1)}\n`
}

/** What was found outside of virtual time has no inputs to give again. */
export const isReplayable = (text: string): boolean => 'inputs' in JSON.parse(text)

export function findingFromJson(text: string): Finding {
  const read = JSON.parse(text) as Finding & {
    inputs: { actors: number[]; steps: Record<string, unknown>[] }[]
  }
  return {
    ...read,
    inputs: read.inputs.map(({ steps, ...input }) => ({
      ...input,
      steps: (steps as unknown as Record<string, unknown>[]).map((step) =>
        step['do'] === 'send'
          ? ({ ...step, bytes: Buffer.from(String(step['bytes']), 'hex') } as Step)
          : (step as unknown as Step),
      ),
    })),
  }
}
