/**
 * Whether instructions are taken at all.
 *
 * @since 0.1.0
 */
import * as Instruction from "../domain/Instruction.js"

/**
 * `active`: everything. `reducing`: only what makes exposure smaller. `halted`: nothing.
 *
 * @category models
 * @since 0.1.0
 */
export type TradingState = "active" | "reducing" | "halted"

/** Every trading state there is. @category constants @since 0.1.0 */
export const tradingStates: ReadonlyArray<TradingState> = ["active", "reducing", "halted"]

/** Whether a value of an untyped caller is a trading state. @category guards @since 0.1.0 */
export const isTradingState = (value: unknown): value is TradingState => tradingStates.some((state) => state === value)

/**
 * Whether an instruction may be sent: every one while `active`, while `reducing` only one that reduces what is at risk,
 * otherwise none.
 *
 * @category guards
 * @since 0.1.0
 */
export const allows = (state: TradingState, instruction: Instruction.Instruction): boolean =>
  state === "active" || (state === "reducing" && Instruction.reduces(instruction))
