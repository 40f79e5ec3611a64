/**
 * The series that a file becomes: their names, the columns that they are read from, and when their values were known.
 *
 * A value is never known before the time of its row: of a candle the open is known when it begins, the extremes only when
 * it has ended; its close is nothing but the next open and is not read.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Asset from "../../domain/Asset.js"
import type * as Format from "./Format.js"
import * as Identity from "./Identity.js"

/**
 * What the caller says of a file. What the file says itself may be left out; what contradicts it is refused.
 *
 * @category models
 * @since 0.1.0
 */
export interface Naming {
  /** Told by the columns where it is left out. */
  readonly kind?: Format.Kind | undefined
  /** Name of the series, instead of the one made of kind, venue and token. */
  readonly series?: string | undefined
  /** Exchange of perpetuals and funding. */
  readonly venue?: string | undefined
  /** Token that the figures are of. */
  readonly token?: string | undefined
  /** Market of prices. Where neither file nor caller says it, prices with a venue are of its perpetuals, others spot. */
  readonly market?: Format.Market | undefined
  /** Takes of a file of several markets the rows of this token or symbol alone. */
  readonly only?: string | undefined
  /** Columns by what they are read as, for files of no format that is known: `{ time: "when", open: "o" }`. */
  readonly columns?: { readonly [field in Format.Field]?: string | undefined } | undefined
}

/**
 * When a value was known: `row` at the time of its row, `end` at the end of the candle, `block` at the time of the block
 * it was read from, where that is later than the row's. `hour` is `row`, of rows at full hours alone.
 *
 * @category models
 * @since 0.1.0
 */
export type Known = "row" | "end" | "block" | "hour"

/**
 * A field that is read, and the series it becomes.
 *
 * @category models
 * @since 0.1.0
 */
export interface Column {
  readonly field: Format.Field
  readonly series: string
  readonly known: Known
  /** Prices, indices and rates of exchange are above zero; funding may be anything, gas zero. */
  readonly least: "positive" | "zero" | "any"
}

/** What a file says of itself, as far as it does. @category models @since 0.1.0 */
export interface Said {
  readonly format: Format.Format
  /** Fields of the format that the file has. */
  readonly has: (field: Format.Field) => boolean
  readonly claims: ReadonlyArray<Identity.Claim>
  readonly market: Format.Market | undefined
  readonly venue: string | undefined
  readonly chain: string | undefined
}

/** The series of a file and what was made out of it. @category models @since 0.1.0 */
export interface Named {
  readonly columns: ReadonlyArray<Column>
  readonly token: string | undefined
  readonly venue: string | undefined
  readonly market: Format.Market | undefined
}

const needs = (what: string): Either.Either<never, string> => Either.left(what)

const name = /^[A-Za-z0-9][A-Za-z0-9._/-]*$/

/** Whether a name can stand as a series in a file: letters, digits, `.`, `_`, `/`, `-`. @category guards @since 0.1.0 */
export const isSeriesName = (text: string): boolean => name.test(text) && text !== "timestamp"

/** What a name of a series says of whose figures it has. */
const ofSeries = (series: string): { readonly token: string | undefined; readonly venue: string | undefined } => {
  const [kind, first, second] = series.split(".")
  switch (kind) {
    case "price":
      return { token: first, venue: undefined }
    case "perp":
    case "funding":
      return { token: second, venue: first }
    case "aave":
      return { token: second, venue: undefined }
    case "dex":
    case "oracle":
      return { token: second ?? first, venue: undefined }
    default:
      return { token: undefined, venue: undefined }
  }
}

const contradiction = (said: Said, naming: Naming): string | undefined => {
  const { format } = said
  const venue = said.venue ?? format.venue
  const outright = naming.series === undefined ? undefined : ofSeries(naming.series)
  const token = naming.token ?? outright?.token
  const namedVenue = naming.venue ?? outright?.venue
  if (namedVenue !== undefined && venue !== undefined && namedVenue.toLowerCase() !== venue) {
    return `the file is of ${venue} (${format.venue === undefined ? "its rows say so" : format.name}), and not of ${namedVenue}: leave the venue out, or name the right one`
  }
  if (token !== undefined) {
    const other = said.claims.find((claim) => !Identity.isOf(claim, token))
    if (other !== undefined) {
      return `the file says that it is of ${other.text} (${other.where}), and not of ${token}`
    }
  }
  const [first, ...rest] = said.claims
  const differs = first === undefined ? undefined : rest.find((claim) => !Identity.isOf(claim, first.base))
  if (differs !== undefined) return `the file says that it is of ${first!.text} (${first!.where}) and of ${differs.text} (${differs.where})`
  const market = said.market
  if (naming.market !== undefined && market !== undefined && market !== naming.market) {
    return `the file is of the ${market} market (${said.claims.find((claim) => claim.market === market)?.text ?? format.name}), and not of ${naming.market}`
  }
  return undefined
}

const priceColumns = (base: string): ReadonlyArray<Column> => [
  { field: "open", series: base, known: "row", least: "positive" },
  { field: "high", series: `${base}.high`, known: "end", least: "positive" },
  { field: "low", series: `${base}.low`, known: "end", least: "positive" }
]

const columnsOf = (
  { chain, format, has }: Said,
  naming: Naming,
  token: string | undefined,
  venue: string | undefined,
  market: Format.Market
): Either.Either<ReadonlyArray<Column>, string> => {
  const { series } = naming
  const one = (field: Format.Field, made: string, known: Known, least: Column["least"]): Column => ({
    field,
    series: series ?? made,
    known,
    least
  })
  switch (format.kind) {
    case "candles":
    case "trades": {
      if (series !== undefined) return Either.right(priceColumns(series))
      if (token === undefined) return needs(`${format.kind} need the token they are of, or the name of the series`)
      if (market === "perpetual" && venue === undefined) return needs(`${format.kind} of a perpetual need the venue they are of`)
      return Either.right(priceColumns(market === "spot" ? `price.${token}` : `perp.${venue}.${token}`))
    }
    case "funding":
      return series === undefined && (venue === undefined || token === undefined)
        ? needs("funding needs the venue and the token it is of, or the name of the series")
        : Either.right([one("funding", `funding.${venue}.${token}`, "row", "any")])
    case "contexts":
      if (series !== undefined) return needs("contexts are several series: name their token, not a series")
      if (token === undefined || venue === undefined) return needs("contexts need the venue and the token they are of")
      return Either.right([
        { field: "mark", series: `perp.${venue}.${token}`, known: "row", least: "positive" },
        { field: "index", series: `price.${token}`, known: "row", least: "positive" },
        { field: "funding", series: `funding.${venue}.${token}`, known: "hour", least: "any" }
      ])
    case "aave":
      if (series !== undefined) return needs("an Aave file is two series, supply and borrow index: name its token, not a series")
      if (token === undefined) return needs("the file does not say of which token the indices are")
      return Either.right([
        { field: "supply", series: `aave.supply_index.${token}`, known: "row", least: "positive" },
        { field: "borrow", series: `aave.borrow_index.${token}`, known: "row", least: "positive" }
      ])
    case "rate": {
      const found = (["protocol", "dex"] as const).filter(has)
      if (series !== undefined && found.length > 1) return needs(`the file holds ${found.length} rates: name its token, not a series`)
      if (series === undefined && token === undefined) return needs("the file does not say of which token the rate is")
      return Either.right(found.map((field) => one(field, `${field === "dex" ? "dex" : "oracle"}.${token}/ETH`, "row", "positive")))
    }
    case "gas":
      return Either.right([one("gas", `gas.${chain ?? "ethereum"}.gwei`, "block", "zero")])
    case "values":
      return series === undefined ? needs("values need the name of the series") : Either.right([one("value", series, "row", "any")])
  }
}

/**
 * The series of a file by what it says and what the caller says of it. Left is one sentence about what is missing, or in
 * which the two contradict each other.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (said: Said, naming: Naming): Either.Either<Named, string> => {
  const wrong = contradiction(said, naming)
  if (wrong !== undefined) return needs(wrong)
  const venue = naming.venue?.toLowerCase() ?? said.venue ?? said.format.venue
  const token = naming.token === undefined
    ? said.claims.find(({ base }) => Asset.parse(base) === base)?.base
    : Asset.parse(naming.token) ?? naming.token
  const market = naming.market ?? said.market ?? (naming.venue === undefined ? "spot" : "perpetual")
  const priced = said.format.kind === "candles" || said.format.kind === "trades"
  const foreign = priced && naming.series === undefined ? said.claims.find((claim) => !Identity.inDollars(claim)) : undefined
  if (foreign !== undefined) {
    return needs(`prices of ${foreign.text} are in ${foreign.quote}, and those of tokens in dollars: name the series, as dex.VENUE.${foreign.base}/${foreign.quote}`)
  }
  return Either.flatMap(columnsOf(said, naming, token, venue, market), (columns) => {
    const unfit = columns.find(({ series }) => !isSeriesName(series))
    return unfit === undefined
      ? Either.right({ columns, token, venue, market: priced ? market : said.market })
      : needs(`${JSON.stringify(unfit.series)} is no name of a series: letters, digits, '.', '_', '/', '-'`)
  })
}
