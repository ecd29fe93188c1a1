import { wireCopy } from '../protocol/codec.ts'
import type { Kernel } from './kernel.ts'

/** The value itself or, where the codec is forced, what a wire would make of it. Throws INVALID_MESSAGE for what it cannot. */
export function asOnWire<T>(kernel: Kernel, value: T): T {
  return kernel.forceCodec ? wireCopy(value) : value
}
