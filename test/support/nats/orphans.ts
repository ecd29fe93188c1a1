import type { ChildProcess } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const FOLDER = join(tmpdir(), 'troupe-nats-pids')
const alive = new Map<number, string>()
let watched = false

/**
 * Ends what a test process that crashed has left behind: each server is noted in a file beside the process that started
 * it, and goes with that process, at the latest when the next one looks.
 */
export function buryOrphans(): void {
  mkdirSync(FOLDER, { recursive: true })
  for (const name of readdirSync(FOLDER)) {
    const [parent, child] = name.split('-').map(Number)
    if (!parent || !child || isAlive(parent)) continue
    const store = readFileSync(join(FOLDER, name), 'utf8')
    if (isServerOf(child, store)) process.kill(child, 'SIGKILL')
    rmSync(store, { recursive: true, force: true })
    rmSync(join(FOLDER, name), { force: true })
  }
}

/** Notes a server and ends it with this process. */
export function endWithUs(child: ChildProcess, folder: string): void {
  const { pid } = child
  if (pid === undefined) return
  const note = join(FOLDER, `${process.pid}-${pid}`)
  writeFileSync(note, folder)
  alive.set(pid, folder)
  child.once('exit', () => {
    alive.delete(pid)
    rmSync(note, { force: true })
  })
  if (watched) return
  watched = true
  process.once('exit', endAll)
  process.once('disconnect', endAll)
}

function endAll(): void {
  for (const [pid, folder] of alive) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It has ended meanwhile.
    }
    rmSync(folder, { recursive: true, force: true })
    rmSync(join(FOLDER, `${process.pid}-${pid}`), { force: true })
  }
  alive.clear()
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

// Numbers of processes come again: only one that runs on the noted folder is ours.
function isServerOf(pid: number, folder: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(folder)
  } catch {
    return false
  }
}
