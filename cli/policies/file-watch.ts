// Tells when the text of a file has changed, however its editor saves: in place, in pieces, or by putting another file in its
// stead. It looks at the folder, since the file itself may be replaced, and asks the clock besides, for folders that cannot
// tell and for links whose target changes. The same text twice is no news.

import { type FSWatcher, readFileSync, unwatchFile, watch, watchFile } from 'node:fs'
import { dirname } from 'node:path'

/** Editors write in steps; this long after the last one the file is read. */
const settleMs = 50
const lookMs = 1000
/** How long a file may be away while it is being replaced. */
const absenceMs = 1000

export class FileWatch {
  private readonly file: string
  private readonly changed: (text: string) => void
  private readonly gone: () => void
  private readonly folder: FSWatcher | null
  private text: string | null = null
  private timer: NodeJS.Timeout | null = null
  private absence: 'no' | 'just now' | 'told' = 'no'
  private readonly look = () => this.soon(settleMs)

  /** `changed` gets the text, also the first one; `gone` is called once each time the file stays away. */
  constructor(file: string, changed: (text: string) => void, gone: () => void) {
    this.file = file
    this.changed = changed
    this.gone = gone
    this.folder = folderWatch(dirname(file), this.look)
    watchFile(file, { interval: lookMs, persistent: false }, this.look)
    this.soon(0)
  }

  stop(): void {
    this.folder?.close()
    unwatchFile(this.file, this.look)
    if (this.timer !== null) clearTimeout(this.timer)
  }

  private soon(ms: number): void {
    if (this.timer !== null) clearTimeout(this.timer)
    this.timer = setTimeout(() => this.compare(), ms)
    this.timer.unref()
  }

  private compare(): void {
    this.timer = null
    const text = read(this.file)
    if (text === null) return this.missed()
    this.absence = 'no'
    if (text === this.text) return
    this.text = text
    this.changed(text)
  }

  private missed(): void {
    if (this.absence === 'told') return
    if (this.absence === 'just now') this.gone()
    else this.soon(absenceMs)
    this.absence = this.absence === 'no' ? 'just now' : 'told'
  }
}

/** Null where folders cannot be watched: then the clock has to do. */
function folderWatch(folder: string, look: () => void): FSWatcher | null {
  try {
    const watcher = watch(folder, { persistent: false }, look)
    watcher.on('error', () => watcher.close())
    return watcher
  } catch {
    return null
  }
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return null
  }
}
