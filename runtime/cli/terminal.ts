import type { Writable } from 'node:stream'
import { plainLine } from './plain-line.ts'

/** Where a command writes: results to `out`, everything about them to `note`. */
export interface Terminal {
  /** Writes to standard output as it is. */
  out(text: string): Promise<void>
  /** Writes a line to standard error. */
  note(line: string): void
  /** Shows how one thing stands: a line that is redrawn on a terminal, a plain line at each change elsewhere. */
  live(id: string, line: string): void
  /** Leaves the live lines as they stand. */
  settle(): void
}

/** The streams a terminal works on. */
export interface TerminalStreams {
  readonly out: Writable
  readonly err: Writable & { readonly isTTY?: boolean; readonly rows?: number; readonly columns?: number }
}

const REDRAW_MS = 50

/** Makes a terminal. It holds no timer while nothing changes. */
export function createTerminal({ out, err }: TerminalStreams): Terminal {
  const lines = new Map<string, string>()
  let drawn = 0
  let redraw: NodeJS.Timeout | undefined

  function erase(): string {
    const back = drawn > 0 ? `\u001B[${drawn}A\u001B[0J` : ''
    drawn = 0
    return back
  }

  function draw(): void {
    redraw = undefined
    const room = Math.max(1, (err.rows ?? 24) - 2)
    const width = Math.max(20, (err.columns ?? 80) - 1)
    const all = [...lines.values()]
    const shown = all.length <= room ? all : [...all.slice(0, room - 1), `... and ${all.length - room + 1} more`]
    const text = shown.map((line) => `${cut(line, width)}\n`).join('')
    err.write(erase() + text)
    drawn = shown.length
  }

  return {
    out: (text) =>
      new Promise((resolve, reject) => {
        out.write(text, (error) => (error ? reject(error) : resolve()))
      }),
    note(line) {
      if (err.isTTY !== true) err.write(`${plainLine(line)}\n`)
      else {
        err.write(`${erase()}${plainLine(line)}\n`)
        if (lines.size > 0) draw()
      }
    },
    live(id, line) {
      if (lines.get(id) === line) return
      lines.set(id, line)
      if (err.isTTY !== true) err.write(`${plainLine(line)}\n`)
      else redraw ??= setTimeout(draw, REDRAW_MS)
    },
    settle() {
      if (redraw) {
        clearTimeout(redraw)
        draw()
      }
      drawn = 0
      lines.clear()
    },
  }
}

function cut(line: string, width: number): string {
  const text = plainLine(line)
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`
}
