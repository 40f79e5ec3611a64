/**
 * Series of multiplied contracts that are made of those of their coin.
 *
 * @since 0.1.0
 */
import * as Asset from "./Asset.js"
import * as Decimal from "./Decimal.js"
import type * as MarketSnapshot from "./MarketSnapshot.js"

/** Another series that says the same, and by how much its values are multiplied. */
interface Other {
  readonly series: string
  readonly times: Decimal.Decimal
}

const shape = /^((?:price|(?:spot|perp|funding)\.[a-z][a-z0-9_]*)\.)([A-Za-z0-9]+)(\.(?:high|low|volume))?$/

/** Where the values of a series can come from, the best first; none for a series of no multiple. */
const othersOf = (series: string): ReadonlyArray<Other> => {
  const [, kind = "", coin = "", part = ""] = shape.exec(series) ?? []
  const multiple = Asset.multiple(coin)
  if (multiple === undefined) return []
  // A rate is of any amount, and a volume counts dollars.
  const times = kind.startsWith("funding.") || part === ".volume" ? Decimal.one : Decimal.make(multiple.times, 0)
  return [
    ...Asset.otherNames(coin).map((name) => ({ series: `${kind}${name}${part}`, times: Decimal.one })),
    { series: `${kind}${multiple.of}${part}`, times }
  ]
}

/**
 * Snapshots in which a multiple has the series of its coin: where there is no series `perp.binance.1000PEPE` it is that
 * of another name of it (`kPEPE`), or 1000 times `perp.binance.PEPE`. So with prices, spot prices, their extremes,
 * funding rates and volumes; rates and volumes as they are.
 *
 * @category constructors
 * @since 0.1.0
 */
export const view = (): (snapshot: MarketSnapshot.MarketSnapshot) => MarketSnapshot.MarketSnapshot => {
  const known = new Map<string, ReadonlyArray<Other>>()
  const others = (series: string): ReadonlyArray<Other> => {
    const before = known.get(series)
    if (before !== undefined) return before
    const found = othersOf(series)
    known.set(series, found)
    return found
  }
  return (snapshot) => {
    const other = (series: string): Other | undefined =>
      snapshot.has(series) ? undefined : others(series).find((one) => snapshot.has(one.series))
    const scaled = ({ at, value }: MarketSnapshot.Observation, times: Decimal.Decimal): MarketSnapshot.Observation => ({
      at,
      value: Decimal.multiply(value, times)
    })
    return {
      at: snapshot.at,
      observe: (series) => {
        const own = snapshot.observe(series)
        if (own !== undefined) return own
        const one = other(series)
        const observed = one && snapshot.observe(one.series)
        return observed && scaled(observed, one!.times)
      },
      since: (series, after) => {
        const one = other(series)
        return one === undefined
          ? snapshot.since(series, after)
          : snapshot.since(one.series, after).map((observed) => scaled(observed, one.times))
      },
      has: (series) => snapshot.has(series) || other(series) !== undefined,
      maxAge: (series) => snapshot.maxAge(other(series)?.series ?? series),
      step: (series) => snapshot.step(other(series)?.series ?? series),
      staleFills: (series) => snapshot.staleFills(other(series)?.series ?? series)
    }
  }
}
