/**
 * Rules of lint about how patterns are written: a regular expression that was meant to be a beginning, a wildcard or a
 * literal name matches more than its author thought. Each names what it matches besides.
 */
import { capital, type Finding, finding, objectNames, policyName, quoted } from './finding.ts'
import { type LintRule, type PolicyFacts, policyRule, type Target } from './lint-facts.ts'
import { compilePattern, PatternError } from './pattern.ts'
import { isAnchored, matchesAnything } from './pattern-sample.ts'

export const patternRules: readonly LintRule[] = [
  policyRule(
    'unanchored',
    'A pattern without ^ that matches names which do not begin with it.',
    (policy, { objectsKnown }) => {
      const { pattern } = policy.policy
      if (isAnchored(pattern) || matchesAnything(pattern)) return null
      const anchored = `^(?:${pattern})`
      if (!objectsKnown)
        return finding(
          'info',
          { policies: [policy.name] },
          `${capital(policyName(policy.name))} has the pattern ${quoted(pattern)}, which matches anywhere in a name, not only at its beginning.`,
          `Write ${quoted(anchored)} if names have to begin so.`,
        )
      return besides(
        policy,
        anchored,
        'which do not begin with it',
        `Write ${quoted(anchored)} if names have to begin so.`,
      )
    },
  ),
  policyRule('loose-dot', 'A dot that was meant as a dot and matches any character.', (policy) => {
    const { pattern } = policy.policy
    const escaped = withLiteralDots(pattern)
    if (escaped === pattern) return null
    return besides(
      policy,
      escaped,
      'only because a dot stands for any character',
      `Write ${quoted(escaped)}.`,
    )
  }),
  policyRule(
    'glob-star',
    'A star meant as a wildcard: in a pattern it repeats the letter before it.',
    (policy) => {
      const { pattern } = policy.policy
      const [, letter] = /([\w-])\*$/.exec(pattern) ?? []
      if (letter === undefined || /\\[A-Za-z]\*$/.test(pattern)) return null
      const meant = pattern.slice(0, -1)
      return finding(
        'warning',
        { policies: [policy.name], objects: policy.matches },
        `${capital(policyName(policy.name))} has the pattern ${quoted(pattern)}, in which * repeats ${quoted(letter)} any number of times, none included; it is no wildcard.`,
        `Write ${quoted(meant)}, which matches whatever follows.`,
      )
    },
  ),
]

/** What the pattern matches and the stricter one does not; null when that is nothing. */
function besides(
  policy: PolicyFacts,
  stricter: string,
  how: string,
  whatToDo: string,
): Omit<Finding, 'rule'> | null {
  const meant = compiledOrNull(stricter)
  if (meant === null) return null
  const more: Target[] = policy.matches.filter((target) => !meant.testBytes(target.bytes))
  if (more.length === 0) return null
  return finding(
    'warning',
    { policies: [policy.name], objects: more },
    `${capital(policyName(policy.name))} with the pattern ${quoted(policy.policy.pattern)} also matches ${objectNames(more)}, ${how}.`,
    whatToDo,
  )
}

/** A pattern put together from another may be too large, or no longer be one. */
function compiledOrNull(pattern: string) {
  try {
    return compilePattern(pattern)
  } catch (error) {
    if (!(error instanceof PatternError)) throw error
    return null
  }
}

/** Dots between letters, outside brackets and without a quantifier, made literal. */
function withLiteralDots(pattern: string): string {
  if (/[[\\]/.test(pattern.replaceAll('\\.', ''))) return pattern
  return pattern.replace(/(?<=[\w-])(?<!\\)\.(?![*+?{])(?=[\w-]|$)/g, '\\.')
}
