/**
 * Text without anything that a terminal obeys.
 *
 * @since 0.1.0
 */

/**
 * Characters that a terminal obeys, as the source of a pattern with the flag `u`: control characters, C0 and C1; what is
 * invisible and changes the text around it, as the marks of direction; line breaks that are no newline; halves of a
 * character. The newline is one of them.
 *
 * @category constants
 * @since 0.1.0
 */
export const obeyed = "[\\p{Cc}\\p{Cf}\\p{Cs}\\u2028\\u2029]"

/** A character as `\\uXXXX`: in a text of JSON an escape of the same value. @category combinators @since 0.1.0 */
export const escape = (character: string): string => {
  let text = ""
  for (let i = 0; i < character.length; i++) text += `\\u${character.charCodeAt(i).toString(16).padStart(4, "0")}`
  return text
}

const pattern = new RegExp(obeyed, "gu")

/** The text with every {@link obeyed} character but the newline escaped. @category combinators @since 0.1.0 */
export const text = (text: string): string => text.replace(pattern, (found) => (found === "\n" ? found : escape(found)))
