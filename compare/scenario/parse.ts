/**
 * Scenario files: YAML or JSON text to a normalised scenario. The command line, tests and `explore` read them here; reading the
 * disk is the caller's business. A file with one fault is refused whole, in one sentence with file, line and column.
 */
import type { Path } from '../../policies/file-entries.ts'
import { type FileKind, PolicyFileError, parseYaml, TextFileError } from '../../policies/files-yaml.ts'
import { needsOf } from './needs.ts'
import { assertionEntry, assertionsOf } from './parse-assertions.ts'
import { checkNames } from './parse-names.ts'
import {
  choice,
  duration,
  list,
  optional,
  type Refuse,
  record,
  required,
  text,
  words,
  yesNo,
} from './shape.ts'
import { faults } from './shape-faults.ts'
import { cluster, wholeCluster } from './shape-nodes.ts'
import { topology } from './shape-topology.ts'
import { workload } from './shape-workload.ts'
import { type Afterwards, needs, type Scenario } from './types.ts'
import { type Common, defaultVariants, noPolicies, policyList, variantEntry, variantOf } from './variants.ts'

/** A refused scenario: `crash.yaml:7:5: workload.publishers 1.rate: "fast" is not a rate per second, or unlimited`. */
export class ScenarioFileError extends TextFileError {
  override readonly name = 'ScenarioFileError'
}

const kind: FileKind = { what: 'a scenario', Refusal: ScenarioFileError }

const usualAfterwards = { repair: true, drain: true, patience: 120_000 }

export const scenarioShape = record('a scenario', {
  name: required(
    text('a name of letters, digits and dashes', /^[a-zA-Z0-9][a-zA-Z0-9-]*$/, (value) => value),
    'Part of file names.',
  ),
  question: optional(words, '', 'What it answers, in one sentence.'),
  about: optional(words, '', 'More words for people.'),
  cluster: optional(cluster, wholeCluster, 'Nodes, links, disks, partitions, costs.'),
  topology: required(topology, 'What is declared before the work begins.'),
  policies: optional(policyList, noPolicies, 'Policies of every variant.'),
  variants: optional(
    list('a list of variants', variantEntry, 1),
    defaultVariants,
    'The clusters that are compared; by default single, ordinary and mirrored-all.',
  ),
  workload: required(workload, 'Who publishes and who consumes.'),
  faults: optional(faults, [], 'What goes wrong, and when.'),
  assertions: optional(
    list('a list of assertions', assertionEntry),
    [],
    'What is expected; sets the exit code.',
  ),
  needs: optional(
    list('a list of needs', choice(...needs)),
    [],
    'What a target must be able to give, besides what is plain.',
  ),
  afterwards: optional(
    record('afterwards', {
      repair: optional(yesNo, true, 'Heal links, thaw and start nodes when the work is over.'),
      drain: optional(yesNo, true, 'Fetch what queues still hold: it is left, not lost.'),
      patience: optional(duration, 120_000, 'How long it may take until all has come to rest.'),
    }),
    usualAfterwards,
    'What follows the work.',
  ),
})

/**
 * `text` is YAML, of which JSON is a part; `fileName` is only for messages. `readFile` returns the text of a policy file that
 * the scenario names by a path beside itself. Throws ScenarioFileError, or PolicyFileError for a fault in a policy file.
 */
export function parseScenario(
  text: string,
  fileName: string,
  readFile: (path: string) => string = (path) => {
    throw new Error(`${path} is not at hand`)
  },
): Scenario {
  const { value, placeOf } = parseYaml(text, fileName, kind)
  const refuse: Refuse = (path, complaint) => {
    const where = pathText(path)
    throw new ScenarioFileError(fileName, placeOf(path), where === '' ? complaint : `${where}: ${complaint}`)
  }
  const read = scenarioShape.read(value, [], refuse)
  const common: Common = { ...read.cluster, policies: read.policies, readFile }
  const variants = read.variants.map((entry, index) =>
    variantOf(entry, common, (path, complaint) => refuse(['variants', index, ...path], complaint)),
  )
  const { repair, drain, patience } = read.afterwards
  const afterwards: Afterwards = { repair, drain, patienceMs: patience }
  const scenario: Scenario = {
    ...{ name: read.name, question: read.question, about: read.about },
    ...{ cluster: read.cluster, topology: read.topology, variants, shared: read.policies },
    ...{ workload: read.workload, faults: read.faults, afterwards },
    assertions: [],
    needs: [],
  }
  checkNames(scenario, refuse)
  const assertions = assertionsOf(read.assertions, scenario, placeOf, refuse)
  return { ...scenario, assertions, needs: needsOf(scenario, read.needs) }
}

export { PolicyFileError }

/** `workload.publishers 1.rate`: lists count from 1. */
function pathText(path: Path): string {
  return path
    .map((part, i) => (typeof part === 'number' ? ` ${part + 1}` : i === 0 ? part : `.${part}`))
    .join('')
}
