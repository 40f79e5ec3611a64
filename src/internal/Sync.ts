/**
 * Effects that answer without waiting, and chains of them that run as plain calls.
 *
 * An effect made here is lazy like any other, and any fiber can run it. What sets it apart is that a chain of such
 * effects needs no run loop: it is advanced by calls until it ends, or until it meets an effect that is not made here.
 * From there on the fiber takes over, and runs what is left. So one program serves venues that answer at once and
 * venues that have to be waited for, and pays for waiting only where it waits.
 *
 * The functions mean what their namesakes in `effect/Effect` mean.
 *
 * @since 0.1.0
 */
import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Effectable from "effect/Effectable"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"

class Sync<out A, out E, out R> extends Effectable.Class<A, E, R> {
  readonly advance: () => Effect.Effect<A, E, R>
  constructor(step: () => Effect.Effect<A, E, R>) {
    super()
    this.advance = step
  }
  override commit(): Effect.Effect<A, E, R> {
    return advance(this)
  }
}

/**
 * Runs an effect as far as it goes without a fiber: to its exit, or to an effect that is left to run.
 *
 * @category destructors
 */
const advance = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> => {
  let rest = self
  while (rest instanceof Sync) rest = rest.advance()
  return rest
}

const success: unknown = Object.getPrototypeOf(Exit.void)
const failure: unknown = Object.getPrototypeOf(Exit.fail(undefined))

/**
 * The exit of an effect that has one already. Told by the tag first, which is the faster look for what is none; then by
 * what it is made of, because an error that is an effect can have the tag of an exit too.
 */
const exitOf = <A, E, R>(self: Effect.Effect<A, E, R> & { readonly _tag?: unknown }): Exit.Exit<A, E> | undefined => {
  switch (self._tag) {
    case "Success":
      return Object.getPrototypeOf(self) === success && Exit.isExit(self) ? self as Exit.Exit<A, E> : undefined
    case "Failure":
      return Object.getPrototypeOf(self) === failure && Exit.isExit(self) ? self as Exit.Exit<A, E> : undefined
    case "Right":
    case "Left":
      return Either.isEither(self)
        ? Either.isRight(self) ? Exit.succeed(self.right as A) : Exit.fail(self.left as E)
        : undefined
    default:
      return undefined
  }
}

/** @category constructors */
export const succeed: <A>(value: A) => Effect.Effect<A> = Exit.succeed

/** @category constructors */
export const fail: <E>(error: E) => Effect.Effect<never, E> = Exit.fail

const done = Exit.void

export { done as void }

/** @category constructors */
export const suspend = <A, E = never, R = never>(f: () => Effect.Effect<A, E, R>): Effect.Effect<A, E, R> => new Sync(f)

/** @category constructors */
export const sync = <A>(f: () => A): Effect.Effect<A> => new Sync(() => Exit.succeed(f()))

/** @category combinators */
export const flatMap = <A, E, R, B, E2, R2>(
  self: Effect.Effect<A, E, R>,
  f: (value: A) => Effect.Effect<B, E2, R2>
): Effect.Effect<B, E | E2, R | R2> =>
  new Sync<B, E | E2, R | R2>(() => {
    const rest = advance(self)
    const exit = exitOf(rest)
    if (exit === undefined) return Effect.flatMap(rest, f)
    return exit._tag === "Success" ? f(exit.value) : Exit.failCause(exit.cause)
  })

/** @category combinators */
export const map = <A, E, R, B>(self: Effect.Effect<A, E, R>, f: (value: A) => B): Effect.Effect<B, E, R> =>
  new Sync<B, E, R>(() => {
    const rest = advance(self)
    const exit = exitOf(rest)
    if (exit === undefined) return Effect.map(rest, f)
    return exit._tag === "Success" ? Exit.succeed(f(exit.value)) : Exit.failCause(exit.cause)
  })

/** @category combinators */
export const zipRight = <A, E, R, B, E2, R2>(
  self: Effect.Effect<A, E, R>,
  that: Effect.Effect<B, E2, R2>
): Effect.Effect<B, E | E2, R | R2> => flatMap(self, () => that)

/** @category combinators */
export const matchEffect = <A, E, R, B, E2, R2, C, E3, R3>(self: Effect.Effect<A, E, R>, options: {
  readonly onFailure: (error: E) => Effect.Effect<B, E2, R2>
  readonly onSuccess: (value: A) => Effect.Effect<C, E3, R3>
}): Effect.Effect<B | C, E2 | E3, R | R2 | R3> =>
  new Sync<B | C, E2 | E3, R | R2 | R3>(() => {
    const rest = advance(self)
    const exit = exitOf(rest)
    if (exit === undefined) return Effect.matchEffect(rest, options)
    if (exit._tag === "Success") return options.onSuccess(exit.value)
    const cause: Cause.Cause<E> = exit.cause
    // A defect or an interruption is no failure: what is to be made of those, the fiber knows.
    return cause._tag === "Fail" ? options.onFailure(cause.error) : Effect.matchEffect(exit, options)
  })

/** @category combinators */
export const match = <A, E, R, B, C>(self: Effect.Effect<A, E, R>, options: {
  readonly onFailure: (error: E) => B
  readonly onSuccess: (value: A) => C
}): Effect.Effect<B | C, never, R> =>
  matchEffect(self, {
    onFailure: (error) => Exit.succeed(options.onFailure(error)),
    onSuccess: (value) => Exit.succeed(options.onSuccess(value))
  })

/** @category combinators */
export const mapError = <A, E, R, E2>(self: Effect.Effect<A, E, R>, f: (error: E) => E2): Effect.Effect<A, E2, R> =>
  new Sync<A, E2, R>(() => {
    const rest = advance(self)
    const exit = exitOf(rest)
    if (exit === undefined) return Effect.mapError(rest, f)
    if (exit._tag === "Success") return Exit.succeed(exit.value)
    const cause: Cause.Cause<E> = exit.cause
    return cause._tag === "Fail" ? Exit.fail(f(cause.error)) : Effect.mapError(exit, f)
  })

/**
 * Does one after another. Between two of them of which the first had to be
 * waited for, `waited` is run.
 *
 * @category combinators
 */
export const forEach = <A, E, R, E2 = never, R2 = never>(
  items: ReadonlyArray<A>,
  f: (item: A, index: number) => Effect.Effect<void, E, R>,
  waited?: () => Effect.Effect<void, E2, R2>
): Effect.Effect<void, E | E2, R | R2> => {
  const from = (start: number): Effect.Effect<void, E | E2, R | R2> =>
    new Sync<void, E | E2, R | R2>(() => {
      for (let index = start; index < items.length; index++) {
        const rest = advance(f(items[index]!, index))
        const exit = exitOf(rest)
        if (exit === undefined) {
          return Effect.flatMap(rest, () => {
            const others = from(index + 1)
            return waited === undefined || index + 1 === items.length ? others : Effect.zipRight(waited(), others)
          })
        }
        if (exit._tag === "Failure") return exit
      }
      return Exit.void
    })
  return from(0)
}

/**
 * What of an effect has to be waited for is changed by `f`; what does not is left alone.
 *
 * @category combinators
 */
export const waiting = <A, E, R>(
  self: Effect.Effect<A, E, R>,
  f: (rest: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> =>
  new Sync<A, E, R>(() => {
    const rest = advance(self)
    return exitOf(rest) ?? f(rest)
  })
