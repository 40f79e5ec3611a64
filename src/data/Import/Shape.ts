/**
 * The shapes of files that exchanges and indexers give away, told by the names of their columns, and what each column
 * becomes.
 *
 * A column says when its value was known, and that is never before the time of its row: of a candle the open is known
 * when it begins, the extremes only when it has ended; its close is nothing but the next open and is not read.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"

/**
 * `candles` have open, high and low; `funding` the rate settled at a time; `aave` the two indices of a reserve; `rate`
 * what a liquid staking token is worth in ether; `gas` the price of gas.
 *
 * @category models
 * @since 0.1.0
 */
export type Kind = "candles" | "funding" | "aave" | "rate" | "gas"

/**
 * Every kind of file that can be read, in the order in which they are listed to people.
 *
 * @category constants
 * @since 0.1.0
 */
export const kinds: ReadonlyArray<Kind> = ["candles", "funding", "aave", "rate", "gas"]

/**
 * Whose file it is, where the file itself does not say.
 *
 * @category models
 * @since 0.1.0
 */
export interface Naming {
  /** Told by the columns where it is left out. */
  readonly kind?: Kind | undefined
  /** Name of the series, instead of the one made of kind, venue and token. */
  readonly series?: string | undefined
  /** Exchange of perpetuals and funding. Candles without one are spot prices. */
  readonly venue?: string | undefined
  /** Token that the figures are of; `aave` and `rate` files mostly say it themselves. */
  readonly token?: string | undefined
}

/**
 * When a value was known: `row` at the time of its row, `end` at the end of the candle, `block` at the time of the block
 * it was read from, where that is later than the row's.
 *
 * @category models
 * @since 0.1.0
 */
export type Known = "row" | "end" | "block"

/**
 * A column that is read, and the series it becomes.
 *
 * @category models
 * @since 0.1.0
 */
export interface Column {
  readonly column: string
  readonly series: string
  readonly known: Known
  /** Prices, indices and rates of exchange are above zero; funding may be anything, gas zero. */
  readonly least: "positive" | "zero" | "any"
}

/**
 * What is read of a file.
 *
 * @category models
 * @since 0.1.0
 */
export interface Shape {
  readonly kind: Kind
  readonly time: string
  readonly columns: ReadonlyArray<Column>
}

const times = ["timestamp", "funding_timestamp"]

/** Columns that tell a kind, by kind. */
const marks: ReadonlyArray<readonly [kind: Kind, columns: ReadonlyArray<string>]> = [
  ["aave", ["liquidityIndex", "variableBorrowIndex"]],
  ["candles", ["open", "high", "low"]],
  ["funding", ["funding_rate"]],
  ["gas", ["gas_price_gwei"]],
  ["rate", ["protocol_rate"]],
  ["rate", ["market_rate"]],
  ["rate", ["oracle_price_eth"]]
]

/**
 * Columns that say of which market or chain a row is. A file is of one: rows of another would fill the same series.
 *
 * @category constants
 * @since 0.1.0
 */
export const identities: ReadonlyArray<string> = ["symbol", "asset", "asset_pair", "chain"]

const rateColumns: ReadonlyArray<readonly [column: string, prefix: string]> = [
  ["oracle_price_eth", "oracle"],
  ["protocol_rate", "oracle"],
  ["market_rate", "dex"]
]

const symbol = /^[A-Za-z0-9][A-Za-z0-9._/-]*$/

/** Whether a name can stand as a series in a file: letters, digits, `.`, `_`, `/`, `-`. @category guards @since 0.1.0 */
export const isSeriesName = (name: string): boolean => symbol.test(name) && name !== "timestamp"

const contradicts = (said: string, token: string): string => `the file says that it is of ${said}, and not of ${token}`

const needs = (what: string): Either.Either<never, string> => Either.left(what)

/** Name of a token from the file itself: the one value of a column. */
type Says = (column: string) => string | undefined

const named = (
  kind: Kind,
  header: ReadonlyArray<string>,
  naming: Naming,
  says: Says
): Either.Either<ReadonlyArray<Column>, string> => {
  const { series, venue } = naming
  const one = (column: string, name: string, known: Known, least: Column["least"]): Column => ({
    column,
    series: series ?? name,
    known,
    least
  })
  switch (kind) {
    case "candles": {
      if (series === undefined && naming.token === undefined) return needs("candles need the token they are of, or the name of the series")
      const base = series ?? (venue === undefined ? `price.${naming.token}` : `perp.${venue}.${naming.token}`)
      return Either.right([
        { column: "open", series: base, known: "row", least: "positive" },
        { column: "high", series: `${base}.high`, known: "end", least: "positive" },
        { column: "low", series: `${base}.low`, known: "end", least: "positive" }
      ])
    }
    case "funding":
      return series === undefined && (venue === undefined || naming.token === undefined)
        ? needs("funding needs the venue and the token it is of, or the name of the series")
        : Either.right([one("funding_rate", `funding.${venue}.${naming.token}`, "row", "any")])
    case "aave": {
      const said = says("symbol")
      const token = naming.token ?? said
      if (series !== undefined) return needs("an Aave file is two series, supply and borrow index: name its token, not a series")
      if (token === undefined) return needs("the file does not say of which token the indices are")
      if (said !== undefined && said !== token) return needs(contradicts(said, token))
      return Either.right([
        { column: "liquidityIndex", series: `aave.supply_index.${token}`, known: "row", least: "positive" },
        { column: "variableBorrowIndex", series: `aave.borrow_index.${token}`, known: "row", least: "positive" }
      ])
    }
    case "rate": {
      const found = rateColumns.filter(([column]) => header.includes(column))
      const said = says("asset")
      const token = naming.token ?? said
      if (series !== undefined && found.length > 1) return needs(`the file holds ${found.length} rates: name its token, not a series`)
      if (series === undefined && token === undefined) return needs("the file does not say of which token the rate is")
      if (said !== undefined && token !== undefined && said !== token) return needs(contradicts(said, token))
      return Either.right(found.map(([column, prefix]) => one(column, `${prefix}.${token}/ETH`, "row", "positive")))
    }
    case "gas":
      return Either.right([one("gas_price_gwei", `gas.${says("chain") ?? "ethereum"}.gwei`, "block", "zero")])
  }
}

const longest = 200

/** A header for people: of what is no text at all, as an archive, neither all of it nor what a terminal obeys. */
const readable = (header: ReadonlyArray<string>): string => {
  const text = header.join(", ").replace(/\p{Cc}|\ufffd/gu, "?")
  return text.length > longest ? `${text.slice(0, longest)}…` : text
}

/**
 * The shape of a file by its header. `says` answers what a column holds in every row, if it is the same. Left is one
 * sentence about what is missing.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (header: ReadonlyArray<string>, naming: Naming, says: Says): Either.Either<Shape, string> => {
  const has = (columns: ReadonlyArray<string>) => columns.every((column) => header.includes(column))
  const kind = marks.find(([kind, columns]) => (naming.kind === undefined || kind === naming.kind) && has(columns))?.[0]
  const columns = readable(header)
  if (kind === undefined) {
    return needs(
      naming.kind === undefined
        ? `no shape that is known: columns ${columns}`
        : `not ${naming.kind}: expected columns ${
          marks.filter(([kind]) => kind === naming.kind).map(([, columns]) => columns.join(", ")).join(" or ")
        }, and got ${columns}`
    )
  }
  const time = times.find((name) => header.includes(name))
  if (time === undefined) return needs(`no column of time: expected ${times.join(" or ")}, and got ${columns}`)
  return Either.flatMap(named(kind, header, naming, says), (columns) => {
    const unfit = columns.find(({ series }) => !isSeriesName(series))
    return unfit === undefined
      ? Either.right({ kind, time, columns })
      : needs(`${JSON.stringify(unfit.series)} is no name of a series: letters, digits, '.', '_', '/', '-'`)
  })
}
