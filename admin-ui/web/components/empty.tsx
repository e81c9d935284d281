// What a page says when there is nothing to show: what it would show, and what to do so that it does.

import type { ComponentChildren } from 'preact'

export const EmptyState = ({
  title,
  children,
}: {
  readonly title: string
  readonly children?: ComponentChildren
}) => (
  <div class="empty">
    <h3>{title}</h3>
    {children}
  </div>
)
