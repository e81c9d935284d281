// Who may what where: the permissions of a user in virtual hosts, or of users in one virtual host.

import { useState } from 'preact/hooks'
import { act } from '../actions.ts'
import { Field } from '../components/field.tsx'
import { Section } from '../components/section.tsx'
import { ErrorLine } from '../components/toast.tsx'
import { reasonOf, segment } from '../http.ts'
import { api, useLive } from '../live.ts'
import { href } from '../router.ts'
import type { Permission, TopicPermission } from './shapes.ts'

export interface PermissionsProps {
  readonly of: 'user' | 'vhost'
  readonly name: string
}

/** The end that is not fixed by the page. */
const otherOf = { user: 'vhost', vhost: 'user' } as const
const pathOf = ({ of, name }: PermissionsProps) =>
  `${api.value}/${of === 'user' ? 'users' : 'vhosts'}/${segment(name)}`

export function Permissions(props: PermissionsProps) {
  const { of, name } = props
  const other = otherOf[of]
  const { data, error } = useLive<Permission[]>(`${pathOf(props)}/permissions`)
  const others = useLive<{ name: string }[]>(`${api.value}/${other}s?columns=name`).data ?? []
  const [to, setTo] = useState('')
  const [rights, setRights] = useState({ configure: '.*', write: '.*', read: '.*' })
  const [refusal, setRefusal] = useState('')
  const chosen = to || others[0]?.name || ''
  const pathTo = (end: string) =>
    `${api.value}/permissions/${of === 'user' ? `${segment(end)}/${segment(name)}` : `${segment(name)}/${segment(end)}`}`
  const set = async () => {
    const answer = await act({ method: 'PUT', path: pathTo(chosen), body: rights }, { quiet: true })
    if (answer !== null) setRefusal(answer.status < 400 ? '' : reasonOf(answer.body))
  }
  return (
    <Section title="Permissions" count={data?.length}>
      <ErrorLine text={error} />
      {data?.length === 0 && (
        <p class="soft">
          {of === 'user' ? 'The user may enter no virtual host.' : 'Nobody may enter this virtual host.'} Set
          a permission below.
        </p>
      )}
      {data !== undefined && data.length > 0 && (
        <table class="plain">
          <thead>
            <tr>
              <th scope="col">{other === 'vhost' ? 'Virtual host' : 'User'}</th>
              <th scope="col">Configure regexp</th>
              <th scope="col">Write regexp</th>
              <th scope="col">Read regexp</th>
              <th scope="col">
                <span class="visually-hidden">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {data.map((row) => (
              <tr key={row[other]}>
                <td>
                  <a href={href('admin', [`${other}s`, row[other]])}>{row[other]}</a>
                </td>
                <td class="code">{row.configure}</td>
                <td class="code">{row.write}</td>
                <td class="code">{row.read}</td>
                <td class="right">
                  <button
                    type="button"
                    class="small danger"
                    onClick={() => act({ method: 'DELETE', path: pathTo(row[other]) })}
                  >
                    Clear
                  </button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault()
          void set()
        }}
      >
        <div class="fields">
          <Field label={other === 'vhost' ? 'Virtual host' : 'User'}>
            <select value={chosen} onChange={(event) => setTo(event.currentTarget.value)}>
              {others.map((one) => (
                <option key={one.name}>{one.name}</option>
              ))}
            </select>
          </Field>
          {(['configure', 'write', 'read'] as const).map((right) => (
            <Field key={right} label={`${right[0]!.toUpperCase()}${right.slice(1)} regexp`}>
              <input
                class="code"
                value={rights[right]}
                onInput={(event) => setRights({ ...rights, [right]: event.currentTarget.value })}
              />
            </Field>
          ))}
        </div>
        <ErrorLine text={refusal} />
        <div class="row">
          <button type="submit" disabled={chosen === ''}>
            Set permission
          </button>
        </div>
      </form>
      <TopicPermissions {...props} />
    </Section>
  )
}

function TopicPermissions(props: PermissionsProps) {
  const other = otherOf[props.of]
  const { data = [] } = useLive<TopicPermission[]>(`${pathOf(props)}/topic-permissions`)
  if (data.length === 0) return null
  return (
    <>
      <h3>Topic permissions</h3>
      <table class="plain">
        <thead>
          <tr>
            <th scope="col">{other === 'vhost' ? 'Virtual host' : 'User'}</th>
            <th scope="col">Exchange</th>
            <th scope="col">Write regexp</th>
            <th scope="col">Read regexp</th>
          </tr>
        </thead>
        <tbody>
          {data.map((row) => (
            <tr key={`${row[other]}/${row.exchange}`}>
              <td>{row[other]}</td>
              <td>{row.exchange || '(AMQP default)'}</td>
              <td class="code">{row.write}</td>
              <td class="code">{row.read}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  )
}
