// The editor of policy files: CodeMirror with completion, help and the server's faults where they are. Loaded only when somebody
// edits text. It sits in a shadow root, because it makes a style sheet of its own and the page's rules allow none in the document.

import {
  autocompletion,
  type CompletionContext,
  type CompletionResult,
  completionKeymap,
} from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
import { yaml } from '@codemirror/lang-yaml'
import { HighlightStyle, indentUnit, syntaxHighlighting } from '@codemirror/language'
import { type Diagnostic, lintGutter, setDiagnostics } from '@codemirror/lint'
import { EditorState, type Text } from '@codemirror/state'
import { EditorView, hoverTooltip, keymap, lineNumbers, placeholder } from '@codemirror/view'
import { tags } from '@lezer/highlight'
import { helpAt, placeAt } from './policy-text.ts'

export interface TextFault {
  readonly text: string
  /** Counted from 1; null: about the whole. */
  readonly place: { readonly line: number; readonly column: number } | null
}

export interface TextEditor {
  /** Replaces all of the text, without telling `onChange`. */
  setText(text: string): void
  setFaults(faults: readonly TextFault[]): void
  focus(): void
  destroy(): void
}

export interface TextEditorOptions {
  readonly text: string
  /** For people who do not see the page. */
  readonly label: string
  /** Whether it completes and explains as policy files want it. */
  readonly policies: boolean
  /** Names to offer for ha-params; asked at each completion. */
  nodes(): readonly string[]
  onChange(text: string): void
}

/** Puts an editor into `parent`, which has nothing else in it. */
export function makeTextEditor(parent: HTMLElement, options: TextEditorOptions): TextEditor {
  const root = parent.shadowRoot ?? parent.attachShadow({ mode: 'open' })
  let quiet = false
  const view = new EditorView({
    root,
    parent: root,
    state: EditorState.create({
      doc: options.text,
      extensions: [
        lineNumbers(),
        history(),
        yaml(),
        indentUnit.of('  '),
        syntaxHighlighting(highlight),
        lintGutter(),
        options.policies ? policyHelp(options) : [],
        EditorView.contentAttributes.of({ 'aria-label': options.label }),
        // Tab leaves the editor, as people without a mouse need it; Ctrl-] and Ctrl-[ indent.
        keymap.of([...completionKeymap, ...historyKeymap, ...defaultKeymap]),
        EditorView.updateListener.of((update) => {
          if (update.docChanged && !quiet) options.onChange(update.state.doc.toString())
        }),
        look,
      ],
    }),
  })
  return {
    setText(text) {
      if (text === view.state.doc.toString()) return
      quiet = true
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } })
      quiet = false
    },
    setFaults: (faults) =>
      view.dispatch(
        setDiagnostics(
          view.state,
          faults.map((fault) => diagnostic(view.state.doc, fault)),
        ),
      ),
    focus: () => view.focus(),
    destroy: () => view.destroy(),
  }
}

const policyHelp = (options: TextEditorOptions) => [
  autocompletion({ override: [(context) => complete(context, options.nodes())], icons: false }),
  hoverTooltip((editor, at) => help(editor, at)),
  placeholder('- name: my-policy'),
]

/** From the place to the end of its line. */
function diagnostic(doc: Text, { text, place }: TextFault): Diagnostic {
  const line = doc.line(Math.min(place?.line ?? 1, doc.lines))
  const from = Math.min(line.from + (place?.column ?? 1) - 1, line.to)
  return { from, to: Math.max(from, line.to), severity: 'error', message: text }
}

function complete(
  { state, pos, explicit }: CompletionContext,
  nodes: readonly string[],
): CompletionResult | null {
  const line = state.doc.lineAt(pos)
  const place = placeAt(state.doc.toJSON(), line.number - 1, pos - line.from, nodes)
  // Of itself it opens only when something has been written, and for values.
  if (place === null || (!explicit && line.from + place.from === pos && !/:\s+$/.test(line.text))) return null
  return {
    from: line.from + place.from,
    options: place.suggestions.map(({ label, detail, help, insert }) => ({
      label,
      detail,
      ...(help !== '' && { info: help }),
      apply: insert,
    })),
    validFor: /^[\w@.-]*$/,
  }
}

function help({ state }: EditorView, at: number) {
  const line = state.doc.lineAt(at)
  const found = helpAt(state.doc.toJSON(), line.number - 1)
  const begins = found === null ? -1 : line.text.indexOf(found.key)
  if (found === null || at - line.from < begins || at - line.from > begins + found.key.length) return null
  return {
    pos: line.from + begins,
    end: line.from + begins + found.key.length,
    create: () => {
      const dom = document.createElement('div')
      dom.className = 'help'
      dom.textContent = found.detail === '' ? found.help : `${found.help} (${found.detail})`
      return { dom }
    },
  }
}

const highlight = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--series-1)' },
  { tag: [tags.number, tags.bool, tags.keyword, tags.null], color: 'var(--series-2)' },
  { tag: tags.string, color: 'var(--series-3)' },
  { tag: tags.comment, color: 'var(--soft)', fontStyle: 'italic' },
])

/** Colours are the page's own, so that light and dark follow without being told. */
const look = EditorView.theme({
  '&': {
    color: 'var(--text)',
    backgroundColor: 'var(--surface)',
    fontSize: 'var(--size-text)',
    height: '100%',
  },
  '&.cm-focused': { outline: '2px solid var(--accent)', outlineOffset: '-1px' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.55' },
  '.cm-content': { caretColor: 'var(--text)', padding: '8px 0' },
  '.cm-gutters': { backgroundColor: 'var(--raised)', color: 'var(--soft)', border: 'none' },
  '.cm-tooltip': {
    backgroundColor: 'var(--surface)',
    color: 'var(--text)',
    border: '1px solid var(--line-strong)',
    borderRadius: 'var(--radius)',
    boxShadow: 'var(--shadow)',
  },
  '.cm-tooltip .help, .cm-tooltip.cm-completionInfo': {
    maxWidth: '26rem',
    padding: '6px 10px',
    fontFamily: 'var(--sans)',
    fontSize: 'var(--size-text)',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]': {
    backgroundColor: 'var(--accent)',
    color: 'var(--accent-text)',
  },
  '.cm-completionDetail': { color: 'inherit', fontStyle: 'normal' },
  '.cm-completionMatchedText': { textDecoration: 'none', fontWeight: '600' },
  '.cm-placeholder': { color: 'var(--soft)' },
  '.cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground': {
    backgroundColor: 'var(--busy-ground)',
  },
  // The library's own marks are data: images, which the page's rules forbid.
  '.cm-lintRange-error': { backgroundImage: 'none', textDecoration: 'underline wavy var(--bad)' },
  '.cm-lint-marker-error': {
    content: 'none',
    backgroundColor: 'var(--bad)',
    borderRadius: '50%',
    width: '8px',
    height: '8px',
  },
  '.cm-cursor': { borderLeftColor: 'var(--text)' },
  '.cm-diagnostic': { fontFamily: 'var(--sans)', color: 'var(--text)' },
})
