/**
 * How far a run has come, on one line that is written over.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as Unpack from "../data/Import/Unpack.js"
import * as Timestamp from "../domain/Timestamp.js"
import type * as Loop from "../modes/Backtest/Loop.js"
import type * as Screen from "./Screen.js"
import type * as Style from "./Style.js"

const cells = 24

/** The line. @category constructors @since 0.1.0 */
export const line = (style: Style.Style, { at, done, total }: Loop.Progress): string => {
  const share = total === 0 ? 1 : done / total
  const full = Math.floor(share * cells)
  const bar = style.cyan("█".repeat(full)) + style.dim("░".repeat(cells - full))
  const percent = `${Math.floor(share * 100)} %`.padStart(5)
  return `  ${bar} ${percent}  ${Timestamp.format(at).slice(0, 16)}  ${style.dim(`${done} of ${total} instants`)}`
}

/** Milliseconds between two drawings. */
const pause = 80

/** Lets the rest of the process have its turn: signals, files. */
const breathe = Effect.async<void>((resume) => {
  const handle = setImmediate(() => resume(Effect.void))
  return Effect.sync(() => clearImmediate(handle))
})

/**
 * Shows progress where standard error is a terminal, and in any case lets go of the processor, so that Ctrl-C is heard
 * in the middle of a run.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (screen: Screen.Screen["Type"]): {
  readonly show: (progress: Loop.Progress) => Effect.Effect<void>
  readonly clear: Effect.Effect<void>
} => {
  let drawnAt = -Infinity
  return {
    show: (progress) =>
      Effect.zipRight(
        Effect.suspend(() => {
          const now = performance.now()
          if (!screen.live || now - drawnAt < pause) return Effect.void
          drawnAt = now
          return screen.redraw(line(screen.errStyle, progress))
        }),
        breathe
      ),
    clear: Effect.suspend(() => (drawnAt < 0 ? Effect.void : screen.redraw("")))
  }
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`

/** The same for the reading of files, which show how much of them has been read. @category constructors @since 0.1.0 */
export const reading = (screen: Screen.Screen["Type"]): {
  readonly show: Unpack.Progress
  readonly clear: Effect.Effect<void>
} => {
  let drawnAt = -Infinity
  let begun: number | undefined
  return {
    show: ({ bytes, file, total }) =>
      Effect.zipRight(
        Effect.suspend(() => {
          const now = performance.now()
          begun ??= now
          // What is done at once needs no line.
          if (!screen.live || now - begun < 4 * pause || now - drawnAt < pause) return Effect.void
          drawnAt = now
          return screen.redraw(`  reading ${file}  ${screen.errStyle.dim(`${megabytes(bytes)}${total === undefined ? "" : ` of ${megabytes(total)}`}`)}`)
        }),
        breathe
      ),
    clear: Effect.suspend(() => (drawnAt < 0 ? Effect.void : screen.redraw("")))
  }
}
