/**
 * What a simulation takes for granted, said out loud.
 *
 * @since 0.1.0
 */
import type * as Account from "../domain/Account.js"
import type * as Asset from "../domain/Asset.js"
import type * as Entry from "../domain/Entry.js"

/**
 * What an assumption is about. A run that did nothing of it at the venue does not depend on the assumption. Everything
 * that is given has to hold.
 *
 * @category models
 * @since 0.1.0
 */
export interface Scope {
  /** A ledger line of the venue has one of these reasons. */
  readonly reasons?: ReadonlyArray<Entry.Reason> | undefined
  /** The same line, or where `market` is given a pair that was traded, is of one of these tokens. */
  readonly tokens?: ReadonlyArray<Asset.Asset> | undefined
  /** An order of the venue filled on such a market. */
  readonly market?: "spot" | "perp" | undefined
  /** An operation or accrual names this pool, market of loans, network or efficiency mode. */
  readonly place?: string | undefined
  /** A ledger line stands at this account. */
  readonly account?: Account.Account | undefined
}

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
  /** Defaults to everything that is done at the venue. */
  readonly scope?: Scope | undefined
}

/**
 * The assumptions with a scope, where they have none of their own.
 *
 * @category combinators
 * @since 0.1.0
 */
export const about = (scope: Scope, all: ReadonlyArray<Assumption>): ReadonlyArray<Assumption> =>
  all.map((assumption) => (assumption.scope === undefined ? { ...assumption, scope } : assumption))
