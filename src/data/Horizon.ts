/**
 * The instant where market data end for what a script runs.
 *
 * A script is given data that end at its instant. What it holds from elsewhere, a provider that it built itself or that
 * surrounds the run, has its end by this reference: every fiber of a script inherits it, also one that outlives the
 * decision in which it was forked, and asks it anew for each question.
 *
 * @private
 * @since 0.1.0
 */
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FiberRef from "effect/FiberRef"
import * as GlobalValue from "effect/GlobalValue"
import * as DataProvider from "./DataProvider.js"

type Service = Context.Tag.Service<DataProvider.DataProvider>

/** Answers the last instant that may be asked for. @category constants */
export const horizon: FiberRef.FiberRef<() => number> = GlobalValue.globalValue(
  "execution-interface-manager/data/Horizon",
  () => FiberRef.unsafeMake<() => number>(() => Number.POSITIVE_INFINITY)
)

const sources = GlobalValue.globalValue(
  "execution-interface-manager/data/Horizon/sources",
  () => new WeakMap<Service, Service>()
)

/** The provider, ending where the fiber that asks has its horizon. @category combinators */
export const guard = (source: Service): Service => {
  const here = <A>(ask: (data: Service) => Effect.Effect<A, DataProvider.DataError>) =>
    Effect.flatMap(FiberRef.get(horizon), (now) => ask(now() === Number.POSITIVE_INFINITY ? source : DataProvider.endingAt(source, now)))
  const guarded: Service = {
    getData: (at) => here((data) => data.getData(at)),
    timestamps: (from, to) => here((data) => data.timestamps(from, to)),
    series: here((data) => data.series),
    seriesAt: (at) => here((data) => data.seriesAt(at))
  }
  sources.set(guarded, source)
  return guarded
}

/** The provider without its guard, for the program itself: it asks for no instant but the present one. @category combinators */
export const source = (provider: Service): Service => sources.get(provider) ?? provider
