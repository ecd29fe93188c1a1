import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** Installs the peers when they are missing or older than their lock file. */
export function peerInstallation(folder: string, say: (line: string) => void): void {
  const installed = join(folder, 'node_modules', '.package-lock.json')
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(join(folder, 'package-lock.json')).mtimeMs)
    return
  say('Installing the peers (once) ...')
  const { status } = spawnSync('npm', ['--prefix', folder, 'ci', '--no-audit', '--no-fund'], { stdio: 'inherit' })
  if (status !== 0) throw new Error(`The peers could not be installed. Run \`npm --prefix ${folder} ci\` to see why.`)
}
