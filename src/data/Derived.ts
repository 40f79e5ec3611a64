/**
 * Prices that no series holds and that are made of those that do, each with the rule it is made by.
 *
 * @since 0.1.0
 */
import * as Asset from "../domain/Asset.js"
import * as MarketSnapshot from "../domain/MarketSnapshot.js"
import type * as Timestamp from "../domain/Timestamp.js"
import type * as DataProvider from "./DataProvider.js"

/**
 * A derived price and its rule.
 *
 * @category models
 * @since 0.1.0
 */
export interface Derived {
  /** What is derived: `USD price of weETH, market`, `mark of ETH on binance`. */
  readonly name: string
  /** How, in series: `dex.weETH/ETH × price.ETH`. */
  readonly rule: string
  /** The series that it is made of. */
  readonly series: ReadonlyArray<string>
  /** Those of them that are not there; without them there is no price. */
  readonly missing: ReadonlyArray<string>
  /** From when on all of them are there, at the latest; `undefined` while one is missing, or where none is needed. */
  readonly from: Timestamp.Timestamp | undefined
}

interface Rule {
  readonly rule: string
  readonly series: ReadonlyArray<string>
}

/** The rule of {@link MarketSnapshot.price}, in words. `known` are the series there are. */
const ruleOf = (symbol: Asset.Asset, rate: MarketSnapshot.ShareRate, known: ReadonlySet<string>): Rule => {
  const token = Asset.token(symbol)
  if (token?.shareOf !== undefined) {
    const share = MarketSnapshot.rateSeries(token, rate)
    const whole = ruleOf(token.shareOf, rate, known)
    return { rule: `${share} × ${whole.rule}`, series: [share, ...whole.series] }
  }
  const priced = token?.pricedAs ?? symbol
  const series = `price.${priced}`
  return MarketSnapshot.dollars.has(priced) && !known.has(series)
    ? { rule: "1, a dollar", series: [] }
    : { rule: series, series: [series] }
}

const perpetual = /^perp\.([^.]+)\.([^.]+)$/

/**
 * The derived prices that the series give, or all but give: of wrapped and liquid staking tokens of which there is some
 * series, of stable coins, and the marks of perpetuals, which are the newest observation of their price.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (series: ReadonlyArray<DataProvider.SeriesInfo>): ReadonlyArray<Derived> => {
  const known = new Map(series.map(({ from, name }) => [name, from]))
  const names = new Set(known.keys())
  const complete = (name: string, { rule, series }: Rule): Derived => {
    const missing = series.filter((name) => !known.has(name))
    const from = series.length === 0 || missing.length > 0
      ? undefined
      : series.reduce((latest, name) => Math.max(latest, known.get(name)!), 0)
    return { name, rule, series, missing, from }
  }
  const prices = Asset.tokens.flatMap(({ pricedAs, shareOf, symbol }) => {
    if (shareOf !== undefined) {
      return (["market", "protocol"] as const)
        .map((rate) => complete(`USD price of ${symbol}, ${rate}`, ruleOf(symbol, rate, names)))
        .filter(({ missing, series }) => !missing.includes(series[0]!))
    }
    const derived = complete(`USD price of ${symbol}`, ruleOf(symbol, "market", names))
    return (pricedAs !== undefined && derived.missing.length === 0) || derived.series.length === 0 ? [derived] : []
  })
  const marks = series.flatMap(({ name }) => {
    const match = perpetual.exec(name)
    return match === null ? [] : [complete(`mark of ${match[2]} on ${match[1]}`, { rule: `${name}, the newest`, series: [name] })]
  })
  return [...prices, ...marks]
}
