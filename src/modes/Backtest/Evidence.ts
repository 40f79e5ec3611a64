/**
 * What a run has done, as far as it tells which assumptions it depends on.
 *
 * @since 0.1.0
 */
import * as Account from "../../domain/Account.js"
import * as Asset from "../../domain/Asset.js"
import type * as Entry from "../../domain/Entry.js"
import type * as ExecutionReport from "../../domain/ExecutionReport.js"
import * as Instrument from "../../domain/Instrument.js"
import type { Json } from "../../domain/Json.js"
import type * as Outcome from "../../domain/Outcome.js"
import type * as Assumption from "../../sim/Assumption.js"

/**
 * The record of a run. `observe` takes its reports; `touches` says whether an assumption bears on any of them.
 *
 * @category models
 * @since 0.1.0
 */
export interface Evidence {
  readonly observe: (report: ExecutionReport.ExecutionReport) => void
  readonly touches: (assumption: Assumption.Assumption) => boolean
}

/** What was done at one venue. */
interface Done {
  /** Tokens of ledger lines, by their reason. */
  readonly lines: Map<Entry.Reason, Set<Asset.Asset>>
  readonly traded: { readonly spot: Set<Asset.Asset>; readonly perp: Set<Asset.Asset> }
}

/** Keys of a detail that name where something was done. */
const placesOf = (detail: { readonly [key: string]: Json }): ReadonlyArray<string> => [
  ...[detail["pool"], detail["market"], detail["network"]].flatMap((place) => (typeof place === "string" ? [place] : [])),
  ...(typeof detail["emode_category"] === "number" ? [`efficiency mode ${detail["emode_category"]}`] : [])
]

const hasOne = <A>(set: ReadonlySet<A>, members: ReadonlyArray<A> | undefined): boolean =>
  set.size > 0 && (members === undefined || members.some((member) => set.has(member)))

/** A record of nothing. @category constructors @since 0.1.0 */
export const make = (): Evidence => {
  const venues = new Map<Account.VenueId, Done>()
  const places = new Set<string>()
  const accounts = new Set<Account.Account>()

  const at = (venue: Account.VenueId): Done => {
    const known = venues.get(venue)
    if (known !== undefined) return known
    const done: Done = { lines: new Map(), traded: { spot: new Set(), perp: new Set() } }
    venues.set(venue, done)
    return done
  }

  const line = (venue: Account.VenueId, reason: Entry.Reason, asset: Asset.Asset) => {
    const { lines } = at(venue)
    const token = Asset.underlying(asset)
    const tokens = lines.get(reason)
    if (tokens === undefined) lines.set(reason, new Set([token]))
    else tokens.add(token)
  }

  /** The lines of what `by` did count for it, and for the venue whose account they stand at. */
  const post = (by: Account.VenueId, entries: ReadonlyArray<Entry.Entry>) => {
    for (const { account, asset, reason } of entries) {
      accounts.add(account)
      if (Account.isContra(account)) continue
      for (const venue of [by, Account.venue(account)]) {
        line(venue, reason, asset)
        // Also a debt of the opening balances, which only its interest tells of.
        if (Asset.kind(asset) === "debt") line(venue, "borrow", asset)
      }
    }
  }

  const fill = (venue: Account.VenueId, { symbol }: Outcome.Fill) => {
    const pair = Instrument.parse(symbol)
    if (pair === undefined) return
    at(venue).traded[symbol.endsWith("-PERP") ? "perp" : "spot"].add(pair.base).add(pair.quote)
  }

  return {
    observe: (report) => {
      for (const { detail, entries, fills, venue } of report.operations) {
        at(venue)
        post(venue, entries)
        for (const one of fills) fill(venue, one)
        for (const place of placesOf(detail)) places.add(place)
      }
      for (const { detail, entries, venue } of report.accruals) {
        post(venue, entries)
        for (const place of placesOf(detail)) places.add(place)
      }
    },
    touches: ({ scope = {}, venue }) => {
      const done = venues.get(venue)
      if (done === undefined) return false
      const { account, market, place, reasons, tokens } = scope
      if (account !== undefined && !accounts.has(account)) return false
      if (place !== undefined && !places.has(place)) return false
      if (market !== undefined && !hasOne(done.traded[market], tokens)) return false
      const ofLines = market === undefined ? tokens : undefined
      if (reasons === undefined && ofLines === undefined) return true
      return [...done.lines].some(([reason, seen]) => (reasons === undefined || reasons.includes(reason)) && hasOne(seen, ofLines))
    }
  }
}
