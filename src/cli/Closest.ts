/**
 * What may have been meant by a word that nobody knows.
 *
 * @since 0.1.0
 */

/** Changes of one letter that make one word of another. */
const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)))
    }
    row = next
  }
  return row[b.length]!
}

/** The one of the known words that may have been meant; absent where none is near. @category combinators @since 0.1.0 */
export const of = (word: string, known: ReadonlyArray<string>): string | undefined => {
  let best: string | undefined
  let least = Math.max(2, Math.floor(word.length / 3)) + 1
  for (const candidate of known) {
    const far = candidate.startsWith(word) && word !== "" ? 0 : distance(word, candidate)
    if (far < least) {
      least = far
      best = candidate
    }
  }
  return best
}
