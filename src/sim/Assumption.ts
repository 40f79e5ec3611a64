/**
 * What a simulation takes for granted, said out loud.
 *
 * @since 0.1.0
 */

/**
 * One assumption in force: a cost, a delay, a stand-in for data that is not there.
 *
 * @category models
 * @since 0.1.0
 */
export interface Assumption {
  readonly venue: string
  readonly subject: string
  readonly value: string
  /** Where the value comes from, or `config` where the user set it. */
  readonly source: string
}
