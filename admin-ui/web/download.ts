// A file of the server kept by the browser: it is asked for with the login of this tab, which a plain link could not do.

import { toast } from './components/toast.tsx'
import { open, reasonOf } from './http.ts'

/** Asks for `path` and lets the browser keep the answer as `fileName`. A refusal is a toast. */
export async function download(path: string, fileName: string): Promise<void> {
  try {
    const response = await open(path)
    if (!response.ok) {
      const body: unknown = await response.json().catch(() => null)
      return toast(reasonOf(body) || `The server refuses with status ${response.status}.`)
    }
    keep(await response.blob(), fileName)
  } catch {
    toast('The server does not answer.')
  }
}

/** Lets the browser keep a text. */
export const keepText = (text: string, fileName: string, type = 'text/plain') =>
  keep(new Blob([text], { type }), fileName)

function keep(blob: Blob, fileName: string): void {
  const url = URL.createObjectURL(blob)
  const link = document.createElement('a')
  link.href = url
  link.download = fileName
  link.click()
  // The download has begun by then.
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}
