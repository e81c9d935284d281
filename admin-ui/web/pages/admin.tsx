// Admin: users, virtual hosts with permissions and limits, and definitions in and out, as RabbitMQ's Admin tab has them. The address
// says which part.

import type { ComponentType } from 'preact'
import { Definitions } from '../admin/definitions.tsx'
import { UserPage, Users } from '../admin/users.tsx'
import { VhostPage, Vhosts } from '../admin/vhosts.tsx'
import type { PageProps } from '../pages.ts'
import { href } from '../router.ts'
import '../objects/objects.css'
import '../admin/admin.css'

interface Part {
  readonly path: string
  readonly title: string
  readonly List: ComponentType
  readonly One?: ComponentType<{ readonly name: string }>
}

const all: readonly Part[] = [
  { path: 'users', title: 'Users', List: Users, One: UserPage },
  { path: 'vhosts', title: 'Virtual Hosts', List: Vhosts, One: VhostPage },
  { path: 'definitions', title: 'Definitions', List: Definitions },
]

export default function Admin({ parts: [first, name] }: PageProps) {
  const part = all.find(({ path }) => path === first) ?? all[0]!
  return (
    <div class="admin">
      <nav aria-label="Admin">
        {all.map(({ path, title }) => (
          <a key={path} href={href('admin', [path])} aria-current={path === part.path ? 'page' : undefined}>
            {title}
          </a>
        ))}
        <a href={href('policies')}>Policies</a>
      </nav>
      <div class="stack">
        {name !== undefined && part.One !== undefined ? <part.One key={name} name={name} /> : <part.List />}
      </div>
    </div>
  )
}
