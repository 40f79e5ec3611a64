/**
 * What a format of files is: how its columns tell it, where its instants and figures stand, and whose they are.
 *
 * @since 0.1.0
 */
import type * as Times from "./Times.js"

/**
 * `candles` have open, high and low; `trades` the price of each; `funding` the rate settled at a time; `contexts` mark,
 * oracle price and funding of a perpetual; `aave` the two indices of a reserve; `rate` what a liquid staking token is
 * worth in ether; `gas` the price of gas; `values` one figure, of a series that is named outright.
 *
 * @category models
 * @since 0.1.0
 */
export type Kind = "candles" | "trades" | "funding" | "contexts" | "aave" | "rate" | "gas" | "values"

/**
 * Every kind of file that can be read, in the order in which they are listed to people.
 *
 * @category constants
 * @since 0.1.0
 */
export const kinds: ReadonlyArray<Kind> = ["candles", "trades", "funding", "contexts", "aave", "rate", "gas", "values"]

/** What prices are of. @category models @since 0.1.0 */
export type Market = "spot" | "perpetual"

/** Both, as they are written. @category constants @since 0.1.0 */
export const markets: ReadonlyArray<Market> = ["spot", "perpetual"]

/**
 * What a column is read as. `ends` is when a candle was over, `block` when the block was mined that a figure was read
 * from, `confirm` whether a candle is over, `symbol` whose row it is.
 *
 * @category models
 * @since 0.1.0
 */
export type Field =
  | "time"
  | "open"
  | "high"
  | "low"
  | "volume"
  | "price"
  | "funding"
  | "mark"
  | "index"
  | "supply"
  | "borrow"
  | "protocol"
  | "dex"
  | "gas"
  | "value"
  | "ends"
  | "block"
  | "confirm"
  | "symbol"

/** Every field that a column can be named for. @category constants @since 0.1.0 */
export const fields: ReadonlyArray<Field> = [
  "time", "open", "high", "low", "volume", "price", "funding", "mark", "index", "supply", "borrow", "protocol", "dex", "gas",
  "value", "ends", "block", "confirm", "symbol"
]

/** Columns of a field, the first that is there counts. @category models @since 0.1.0 */
export type Columns = { readonly [field in Field]?: ReadonlyArray<string> | undefined }

/** What is known of a file when its first row has been read. @category models @since 0.1.0 */
export interface Sample {
  readonly header: ReadonlyArray<string>
  readonly unit: Times.Unit
}

/**
 * A format. Names of columns are as {@link normalise} writes them.
 *
 * @category models
 * @since 0.1.0
 */
export interface Format {
  /** Publisher and content, as `Binance Vision klines`. */
  readonly name: string
  readonly kind: Kind
  /** The exchange that all such files are of. */
  readonly venue?: string | undefined
  /** What the prices are of, where the format tells it. */
  readonly market?: Market | ((sample: Sample) => Market | undefined) | undefined
  /** The publisher's word for that market, as `USD-M`. */
  readonly marketName?: ((market: Market) => string) | undefined
  /** Columns that a header must have to be of this format. */
  readonly tells: ReadonlyArray<string>
  /** Where files have no header: the columns, and whether a first row is of such a file. */
  readonly bare?: {
    readonly columns: ReadonlyArray<string>
    readonly fits: (cells: ReadonlyArray<string>) => boolean
  } | undefined
  readonly columns: Columns
  /** Whether times without a zone are UTC. */
  readonly utc?: boolean | undefined
}

/**
 * The name of a column without letter case, blanks and signs: `Open time` is `open_time`.
 *
 * @category combinators
 * @since 0.1.0
 */
export const normalise = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]+/g, "_").replace(/^_+|_+$/g, "")

/** Names that times have in files of no format in particular, the most telling first. @category constants @since 0.1.0 */
export const times: ReadonlyArray<string> = [
  "timestamp", "open_time", "opentime", "funding_timestamp", "funding_time", "fundingtime", "calc_time", "start_time", "starttime",
  "start_at", "unix", "time", "datetime", "date_time", "date", "timestamp_ms", "ts"
]

/** Whether a text is a number as prices are written. @category guards @since 0.1.0 */
export const isFigure = (text: string): boolean => /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text)

/** A file has a header where one of its first cells is no figure and no date. @category guards @since 0.1.0 */
export const isHeader = (cells: ReadonlyArray<string>): boolean => cells.some((cell) => /^[\p{L}_#]/u.test(cell) && !/^(?:true|false|buy|sell|nan)$/i.test(cell))
