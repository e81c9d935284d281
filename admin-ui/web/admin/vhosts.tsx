// Virtual hosts: the list, adding one, and one virtual host's page with permissions and limits.

import { useState } from 'preact/hooks'
import { act, succeeded } from '../actions.ts'
import { confirm } from '../components/dialog.tsx'
import { EmptyState } from '../components/empty.tsx'
import { Field } from '../components/field.tsx'
import { useRows } from '../components/rows.ts'
import { Section } from '../components/section.tsx'
import { type Column, Table } from '../components/table.tsx'
import { ErrorLine } from '../components/toast.tsx'
import { count } from '../format.ts'
import { reasonOf, segment } from '../http.ts'
import { api, useLive } from '../live.ts'
import { go, href } from '../router.ts'
import { Limits } from './limits.tsx'
import { Permissions } from './permissions.tsx'
import type { Permission, Vhost } from './shapes.ts'

export function Vhosts() {
  const vhosts = useLive<Vhost[]>(`${api.value}/vhosts`)
  const { data: permissions = [] } = useLive<Permission[]>(`${api.value}/permissions`)
  const usersOf = (name: string) => permissions.filter(({ vhost }) => vhost === name).map(({ user }) => user)
  const columns: readonly Column<Vhost>[] = [
    { title: 'Name', key: 'name', cell: ({ name }) => <a href={href('admin', ['vhosts', name])}>{name}</a> },
    {
      title: 'Users',
      cell: ({ name }) => usersOf(name).join(', ') || <span class="error">no users</span>,
      hover: ({ name }) => usersOf(name).join(', '),
    },
    {
      title: 'Description',
      key: 'description',
      cell: ({ description = '' }) => description,
      hover: ({ description = '' }) => description,
    },
    figure('Ready', 'messages_ready'),
    figure('Unacked', 'messages_unacknowledged'),
    figure('Total', 'messages'),
  ]
  return (
    <>
      <section class="panel" aria-label="Virtual hosts">
        <Table
          label="virtual hosts"
          columns={columns}
          rows={useRows(vhosts.data, {}, vhosts.error)}
          rowKey={({ name }) => name}
          empty={
            <EmptyState title="No virtual hosts">
              <p>Queues and exchanges live in virtual hosts. Add one below.</p>
            </EmptyState>
          }
        />
      </section>
      <Section title="Add a virtual host">
        <AddVhost />
      </Section>
    </>
  )
}

function figure(
  title: string,
  key: 'messages' | 'messages_ready' | 'messages_unacknowledged',
): Column<Vhost> {
  return { title, key, width: '90px', right: true, cell: (row) => count(row[key] ?? 0) }
}

function AddVhost() {
  const [name, setName] = useState('')
  const [description, setDescription] = useState('')
  const [refusal, setRefusal] = useState('')
  const add = async () => {
    const answer = await act(
      { method: 'PUT', path: `${api.value}/vhosts/${segment(name)}`, body: { description } },
      { quiet: true },
    )
    if (answer === null) return
    if (answer.status >= 400) return setRefusal(reasonOf(answer.body))
    go('admin', ['vhosts', name])
  }
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault()
        void add()
      }}
    >
      <div class="fields">
        <Field label="Name">
          <input required value={name} onInput={(event) => setName(event.currentTarget.value)} />
        </Field>
        <Field label="Description">
          <input value={description} onInput={(event) => setDescription(event.currentTarget.value)} />
        </Field>
      </div>
      <ErrorLine text={refusal} />
      <div class="row">
        <button type="submit" class="primary" disabled={name === ''}>
          Add virtual host
        </button>
      </div>
    </form>
  )
}

export function VhostPage({ name }: { readonly name: string }) {
  const path = `${api.value}/vhosts/${segment(name)}`
  const { data, error } = useLive<Vhost>(path)
  if (data === undefined)
    return error === '' ? null : (
      <section class="panel">
        <EmptyState title={`There is no virtual host '${name}'`}>
          <p>
            <a href={href('admin', ['vhosts'])}>See all virtual hosts</a>
          </p>
        </EmptyState>
      </section>
    )
  const remove = async () => {
    const yes = await confirm({
      title: `Delete virtual host ${name}?`,
      body: 'All its queues with their messages, exchanges, policies and permissions go with it, and connections to it are closed.',
      yes: 'Delete virtual host',
      danger: true,
    })
    if (yes && succeeded(await act({ method: 'DELETE', path, ctl: ['delete_vhost', name] })))
      go('admin', ['vhosts'])
  }
  return (
    <>
      <h2 class="page-title">
        <a href={href('admin', ['vhosts'])}>Virtual Hosts</a> / {name}
      </h2>
      <p class="row">
        <a href={href('queues', [name])}>Queues</a>
        <a href={href('exchanges', [name])}>Exchanges</a>
        {data.description && <span class="soft">{data.description}</span>}
      </p>
      <Permissions of="vhost" name={name} />
      <Limits of="vhost" name={name} />
      <Section title="Delete this virtual host" open={false}>
        <div class="row">
          <button type="button" class="danger" onClick={remove}>
            Delete virtual host
          </button>
        </div>
      </Section>
    </>
  )
}
