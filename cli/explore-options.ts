// `warren explore`: its options, examples and exit codes. What it does is explore/command.ts.

import type { Command } from 'commander'
import { wholeNumber } from './options.ts'

export function addExplore(program: Command): void {
  program
    .command('explore')
    .description(
      'Search schedules of faults for one that breaks what a scenario asserts, and tell it as a story.',
    )
    .argument(
      '<file>',
      'a scenario (YAML or JSON), or library:NAME; its workload is kept, its faults are replaced',
    )
    .option('--seeds <count>', 'how many schedules are tried', wholeNumber(1, 1_000_000_000), 1000)
    .option('--seed <number>', 'of the first schedule', wholeNumber(1, 2 ** 31 - 1), 1)
    .option('--threads <count>', 'how many at a time (default: one a processor)', wholeNumber(1, 256))
    .option(
      '--most-faults <count>',
      'nodes lost or links cut in one schedule, at most',
      wholeNumber(1, 20),
      3,
    )
    .option(
      '--kinds <kind...>',
      'of faults: kill, stop, cut, cut-link, freeze, silence, deafen (default: the first five)',
    )
    .option(
      '--assert <assertion...>',
      'what must hold, instead of what the file asserts: "confirmed-lost = 0"',
    )
    .option('--variant <name...>', 'only these variants of the file')
    .option('--out <folder>', 'where scenario files of what is found are written', '.')
    .addHelpText(
      'after',
      `
Examples:
  warren explore library:leader-crash
                                      which of its variants can break its assertions, and how
  warren explore FILE --assert 'confirmed-lost = 0' --seeds 10000
                                      which of my policies can lose a confirmed message

Of each variant the first schedule that breaks something is made simple, told as a story and written as a
scenario file that \`warren compare\` runs. Without assertions, none may lose a confirmed message. Equal seeds
find the same. After Ctrl-C what was found so far is shown.
Exit code: 0 when all holds, 1 when something is broken, 64 for a wrong option, 65 for a wrong file, 130 after Ctrl-C.`,
    )
    .action(async (file, options) => (await import('./explore/command.ts')).explore(file, options))
}
