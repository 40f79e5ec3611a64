/**
 * Where the command writes and what it reads: standard output, standard error, standard input.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Failure from "./Failure.js"
import * as Style from "./Style.js"

/**
 * The three streams of the process. Whatever is written leaves through {@link Style.render}: nothing that a terminal
 * obeys reaches it but the colours and the newlines of this program.
 *
 * @category services
 * @since 0.1.0
 */
export class Screen extends Context.Tag("execution-interface-manager/cli/Screen")<
  Screen,
  {
    /** To standard output: what was asked for, and nothing else. Ends when it is written; fails where it cannot be. */
    readonly out: (text: string) => Effect.Effect<void, Failure.Failure>
    /** To standard error: progress and diagnostics. What cannot be written is remembered in `lost`. */
    readonly err: (text: string) => Effect.Effect<void>
    /** To standard error where it is a terminal: a line over the line that stands there, or, blank, none. */
    readonly redraw: (line: string) => Effect.Effect<void>
    /** Why something that went to standard error was not written; absent where all of it was. */
    readonly lost: Effect.Effect<Failure.Failure | undefined>
    /** The bytes of standard input. */
    readonly input: Effect.Effect<Uint8Array, Failure.Failure>
    /** Style of standard output. */
    readonly style: Style.Style
    /** Style of standard error. */
    readonly errStyle: Style.Style
    /** Whether standard error is a terminal, where a line can be written over. */
    readonly live: boolean
  }
>() {}

/**
 * Streams as they are, for {@link make}: each takes bytes for a terminal as they are.
 *
 * @category models
 * @since 0.1.0
 */
export interface Raw {
  readonly out: (text: string) => Effect.Effect<void, Failure.Failure>
  readonly err: (text: string) => Effect.Effect<void, Failure.Failure>
  readonly input: Effect.Effect<Uint8Array, Failure.Failure>
  readonly style: Style.Style
  readonly errStyle: Style.Style
  readonly live: boolean
}

const erase = "\r\u001b[2K"

/** The screen over raw streams: the one place where text leaves the program. @category constructors @since 0.1.0 */
export const make = (raw: Raw): Context.Tag.Service<Screen> => {
  let lost: Failure.Failure | undefined
  const err = (text: string) =>
    Effect.catchAll(raw.err(text), (failure) => Effect.sync(() => void (lost ??= failure)))
  return {
    out: (text) => raw.out(Style.render(text)),
    err: (text) => err(Style.render(text)),
    redraw: (line) => (raw.live ? err(erase + Style.render(line)) : Effect.void),
    lost: Effect.sync(() => lost),
    input: raw.input,
    style: raw.style,
    errStyle: raw.errStyle,
    live: raw.live
  }
}

/**
 * How the streams look, as values that can be handed to another thread.
 *
 * @category models
 * @since 0.1.0
 */
export interface Looks {
  readonly out: { readonly color: boolean; readonly columns: number | undefined }
  readonly err: { readonly color: boolean; readonly columns: number | undefined }
  readonly live: boolean
}

/** The styles that belong to looks. @category combinators @since 0.1.0 */
export const styled = ({ err, live, out }: Looks): Pick<Raw, "style" | "errStyle" | "live"> => ({
  style: Style.make(out),
  errStyle: Style.make(err),
  live
})

interface Stream {
  readonly isTTY?: boolean
  readonly columns?: number
}

/**
 * Whether a stream gets colours: a terminal does, unless `NO_COLOR` is set or the terminal is a dumb one; `FORCE_COLOR`
 * other than `0` makes every stream get them.
 *
 * @category combinators
 * @since 0.1.0
 */
export const hasColor = (stream: Stream, env: { readonly [name: string]: string | undefined }): boolean => {
  const forced = env["FORCE_COLOR"]
  if (env["NO_COLOR"] !== undefined && env["NO_COLOR"] !== "") return false
  if (forced !== undefined && forced !== "") return forced !== "0"
  return stream.isTTY === true && env["TERM"] !== "dumb"
}

const readAll = async (stream: NodeJS.ReadStream): Promise<Uint8Array> => {
  const chunks: Array<Buffer> = []
  for await (const chunk of stream) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
}

/** How the streams of this process look. @category constructors @since 0.1.0 */
export const looks: Effect.Effect<Looks> = Effect.sync(() => {
  const { env, stderr, stdout } = process
  const of = (stream: Stream) => ({ color: hasColor(stream, env), columns: stream.columns })
  return { out: of(stdout), err: of(stderr), live: stderr.isTTY }
})

/** A stream that takes a text and says when it has it. What it cannot take is told here, and nowhere else. */
const writer = (name: string, stream: NodeJS.WriteStream) => (text: string): Effect.Effect<void, Failure.Failure> =>
  Effect.async((resume) => {
    stream.write(text, (cause) =>
      resume(cause === undefined || cause === null ? Effect.void : Effect.fail(Failure.ofStream(name, cause))))
  })

/** The streams of this process. @category layers @since 0.1.0 */
export const layer: Layer.Layer<Screen> = Layer.effect(Screen, Effect.map(looks, (looks) => {
  const { stderr, stdin, stdout } = process
  const err = writer("standard error", stderr)
  return make({
    out: writer("standard output", stdout),
    err,
    input: Effect.zipRight(
      stdin.isTTY ? err("reading from the terminal; end with Ctrl-D\n") : Effect.void,
      Effect.tryPromise({ try: () => readAll(stdin), catch: (cause) => Failure.io("standard input", cause) })
    ),
    ...styled(looks)
  })
}))
