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
 * The three streams of the process.
 *
 * @category services
 * @since 0.1.0
 */
export class Screen extends Context.Tag("execution-interface-manager/cli/Screen")<
  Screen,
  {
    /** To standard output: what was asked for, and nothing else. */
    readonly out: (text: string) => Effect.Effect<void>
    /** To standard error: progress and diagnostics. */
    readonly err: (text: string) => Effect.Effect<void>
    /** The whole of standard input as text. */
    readonly input: Effect.Effect<string, Failure.Failure>
    /** Style of standard output. */
    readonly style: Style.Style
    /** Style of standard error. */
    readonly errStyle: Style.Style
    /** Whether standard error is a terminal, where a line can be written over. */
    readonly live: boolean
  }
>() {}

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

const readAll = async (stream: NodeJS.ReadStream): Promise<string> => {
  const chunks: Array<Buffer> = []
  for await (const chunk of stream) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks).toString("utf8")
}

/** The streams of this process. @category layers @since 0.1.0 */
export const layer: Layer.Layer<Screen> = Layer.sync(Screen, () => {
  const { env, stderr, stdin, stdout } = process
  const styleOf = (stream: Stream) => Style.make({ color: hasColor(stream, env), columns: stream.columns })
  const err = (text: string) => Effect.sync(() => void stderr.write(text))
  return {
    out: (text) => Effect.sync(() => void stdout.write(text)),
    err,
    input: Effect.zipRight(
      stdin.isTTY ? err("reading from the terminal; end with Ctrl-D\n") : Effect.void,
      Effect.tryPromise({ try: () => readAll(stdin), catch: (cause) => Failure.io("standard input", cause) })
    ),
    style: styleOf(stdout),
    errStyle: styleOf(stderr),
    live: stderr.isTTY
  }
})
