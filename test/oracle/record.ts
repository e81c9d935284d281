// `npm run oracle:record -- [--runs N] [--new] [--add] [--short-of N] [name…]`: asks a real three-node cluster what it answers
// to the scenarios whose names contain one of the words (all without words) and keeps that in recordings/; `--short-of 3` takes
// those recorded in fewer than three runs. Run by compiled.mjs.

import { catalogue } from './catalogue/index.ts'
import { RealCluster } from './real.ts'
import { record } from './recorder.ts'
import { readRecording } from './recording.ts'

const words: string[] = []
let runs = 3
let onlyNew = false
let add = false
let shortOf = Number.POSITIVE_INFINITY
for (let i = 2; i < process.argv.length; i++) {
  const word = process.argv[i]!
  if (word === '--runs') runs = Number(process.argv[++i])
  else if (word === '--new') onlyNew = true
  else if (word === '--add') add = true
  else if (word === '--short-of') shortOf = Number(process.argv[++i])
  else words.push(word)
}
const scenarios = catalogue
  .filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)))
  .filter((scenario) => !onlyNew || readRecording(scenario) === null)
  .filter((scenario) => (readRecording(scenario)?.runs ?? 0) < shortOf)
console.log(`${scenarios.length} scenarios, ${runs} runs each`)
const say = (line: string) => console.log(line)
await record(new RealCluster(say), { scenarios, runs, add, say })
