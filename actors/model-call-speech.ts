import type { CallChunk } from '../machines/model-call.contract.ts'
import type { Hands } from '../runtime/kernel/hands.ts'

/** What a model says, on its way to those who follow the call. */
export interface CallSpeech {
  /** A new attempt begins: what the last one said does not hold. */
  begin(): void
  say(chunk: CallChunk): void
  /** Somebody follows; what was said before they get as well. */
  follow(ask: string): void
  /** Passes on at once what waits. */
  flush(): void
  end(): void
}

/** Gathers what is said in one turn of the event loop, so that the chart takes one step for it, and none while nobody follows. */
export function createCallSpeech({ tell, afterwards }: Pick<Hands, 'tell' | 'afterwards'>): CallSpeech {
  let said: { type: CallChunk['type']; text: string }[] = []
  let passed = { pieces: 0, length: 0 }
  const followers: string[] = []
  let takeBack: (() => void) | null = null

  function since({ pieces, length }: typeof passed): CallChunk[] {
    // The piece that was passed last may have grown.
    const from = Math.max(0, pieces - 1)
    return said
      .slice(from)
      .map((piece, at) => ({ type: piece.type, text: at === 0 && pieces > 0 ? piece.text.slice(length) : piece.text }))
      .filter(({ type, text }, at) => text !== '' || (type === 'restarted' && (at > 0 || pieces === 0)))
  }

  function flush(): void {
    takeBack?.()
    takeBack = null
    if (followers.length === 0) return
    const chunks = since(passed)
    passed = { pieces: said.length, length: said.at(-1)?.text.length ?? 0 }
    if (chunks.length > 0) tell({ type: 'chunks.came', chunks, to: [...followers] })
  }

  function flushSoon(): void {
    if (followers.length > 0) takeBack ??= afterwards(flush)
  }

  return {
    begin() {
      flush()
      said = passed.pieces > 0 ? [{ type: 'restarted', text: '' }] : []
      passed = { pieces: 0, length: 0 }
      flushSoon()
    },
    say({ type, text }) {
      const last = said.at(-1)
      if (last?.type === type) last.text += text
      else said.push({ type, text })
      flushSoon()
    },
    follow(ask) {
      // Those who follow already have heard the beginning.
      const late = said.slice(0, passed.pieces)
      const chunks = late.map(({ type, text }, at) => ({
        type,
        text: at === late.length - 1 ? text.slice(0, passed.length) : text,
      }))
      if (chunks.length > 0) tell({ type: 'chunks.came', chunks, to: [ask] })
      followers.push(ask)
      flushSoon()
    },
    flush,
    end() {
      takeBack?.()
    },
  }
}
