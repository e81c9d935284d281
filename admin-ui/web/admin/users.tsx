// Users: the list, adding one, and one user's page with permissions, limits, tags and password.

import { useState } from 'preact/hooks'
import { act, succeeded } from '../actions.ts'
import { confirm } from '../components/dialog.tsx'
import { EmptyState } from '../components/empty.tsx'
import { Field } from '../components/field.tsx'
import { useRows } from '../components/rows.ts'
import { Section } from '../components/section.tsx'
import { type Column, Table } from '../components/table.tsx'
import { ErrorLine, toast } from '../components/toast.tsx'
import { reasonOf, segment, userName } from '../http.ts'
import { api, useLive } from '../live.ts'
import { go, href } from '../router.ts'
import { Limits } from './limits.tsx'
import { Permissions } from './permissions.tsx'
import type { Permission, User } from './shapes.ts'

const tags = ['administrator', 'monitoring', 'policymaker', 'management'] as const

export function Users() {
  const users = useLive<User[]>(`${api.value}/users`)
  const { data: permissions = [] } = useLive<Permission[]>(`${api.value}/permissions`)
  const vhostsOf = (name: string) => permissions.filter(({ user }) => user === name).map(({ vhost }) => vhost)
  const columns: readonly Column<User>[] = [
    { title: 'Name', key: 'name', cell: ({ name }) => <a href={href('admin', ['users', name])}>{name}</a> },
    { title: 'Tags', cell: (user) => user.tags.join(', ') },
    {
      title: 'Can access virtual hosts',
      cell: ({ name }) => vhostsOf(name).join(', ') || <span class="error">no access</span>,
      hover: ({ name }) => vhostsOf(name).join(', '),
    },
    {
      title: 'Has password',
      width: '120px',
      cell: ({ password_hash: hash }) => (hash === '' ? '○' : '●'),
    },
  ]
  return (
    <>
      <section class="panel" aria-label="Users">
        <Table
          label="users"
          columns={columns}
          rows={useRows(users.data, {}, users.error)}
          rowKey={({ name }) => name}
          empty={
            <EmptyState title="No users">
              <p>Nobody can connect. Add a user below.</p>
            </EmptyState>
          }
        />
      </section>
      <Section title="Add a user">
        <UserForm name={null} tags={[]} />
      </Section>
    </>
  )
}

interface UserFormProps {
  /** Null for a new one. */
  readonly name: string | null
  readonly tags: readonly string[]
}

function UserForm({ name: known, tags: had }: UserFormProps) {
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const [chosen, choose] = useState<readonly string[]>(had)
  const [refusal, setRefusal] = useState('')
  const others = had.filter((tag) => !tags.some((one) => one === tag))
  const save = async () => {
    const called = known ?? name
    const answer = await act(
      {
        method: 'PUT',
        path: `${api.value}/users/${segment(called)}`,
        body: { ...(password !== '' && { password }), tags: [...chosen].join(',') },
      },
      { quiet: true },
    )
    if (answer === null) return
    if (answer.status >= 400) return setRefusal(reasonOf(answer.body))
    setRefusal('')
    setPassword('')
    setName('')
    toast(`User ${called} is ${known === null ? 'added' : 'updated'}.`, { good: true })
    if (known === null) go('admin', ['users', called])
  }
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault()
        void save()
      }}
    >
      <div class="fields">
        {known === null && (
          <Field label="Username">
            <input required value={name} onInput={(event) => setName(event.currentTarget.value)} />
          </Field>
        )}
        <Field
          label="Password"
          hint={known === null ? undefined : 'Empty: nobody can log in by password then.'}
        >
          <input
            type="password"
            autocomplete="new-password"
            required={known === null}
            value={password}
            onInput={(event) => setPassword(event.currentTarget.value)}
          />
        </Field>
      </div>
      <fieldset class="row" aria-label="Tags">
        <span class="soft">Tags</span>
        {[...tags, ...others].map((tag) => (
          <label key={tag} class="inline-label">
            <input
              type="checkbox"
              checked={chosen.includes(tag)}
              onChange={(event) =>
                choose(event.currentTarget.checked ? [...chosen, tag] : chosen.filter((one) => one !== tag))
              }
            />
            {tag}
          </label>
        ))}
      </fieldset>
      <ErrorLine text={refusal} />
      <div class="row">
        <button type="submit" class="primary" disabled={known === null && (name === '' || password === '')}>
          {known === null ? 'Add user' : 'Update user'}
        </button>
      </div>
    </form>
  )
}

export function UserPage({ name }: { readonly name: string }) {
  const path = `${api.value}/users/${segment(name)}`
  const { data, error } = useLive<User>(path)
  if (data === undefined)
    return error === '' ? null : (
      <section class="panel">
        <EmptyState title={`There is no user '${name}'`}>
          <p>
            <a href={href('admin', ['users'])}>See all users</a>
          </p>
        </EmptyState>
      </section>
    )
  const remove = async () => {
    const yes = await confirm({
      title: `Delete user ${name}?`,
      body: 'Its permissions and limits go with it, and its connections are closed.',
      yes: 'Delete user',
      danger: true,
    })
    if (yes && succeeded(await act({ method: 'DELETE', path, ctl: ['delete_user', name] })))
      go('admin', ['users'])
  }
  return (
    <>
      <h2 class="page-title">
        <a href={href('admin', ['users'])}>Users</a> / {name}
      </h2>
      <Permissions of="user" name={name} />
      <Limits of="user" name={name} />
      <Section title="Update this user" open={false}>
        <UserForm key={data.tags.join()} name={name} tags={data.tags} />
      </Section>
      <Section title="Delete this user" open={false}>
        {name === userName() && <p class="error">You are logged in as this user.</p>}
        <div class="row">
          <button type="button" class="danger" onClick={remove}>
            Delete user
          </button>
        </div>
      </Section>
    </>
  )
}
