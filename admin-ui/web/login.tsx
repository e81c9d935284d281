// The login: a user of the emulated cluster, kept for this tab only.

import { useState } from 'preact/hooks'
import { Field } from './components/field.tsx'
import { ErrorLine } from './components/toast.tsx'
import { logIn, loginRefusal } from './http.ts'

export function LoginPage() {
  const [user, setUser] = useState('guest')
  const [password, setPassword] = useState('guest')
  return (
    <main class="login">
      <form
        class="panel"
        onSubmit={(event) => {
          event.preventDefault()
          void logIn(`${user}:${password}`)
        }}
      >
        <h1>
          <img src="./icon.svg" alt="" width="26" height="26" />
          Warren
        </h1>
        <p class="soft">
          Log in as a user of the emulated cluster. A new cluster knows guest with password guest.
        </p>
        <Field label="User">
          <input
            name="user"
            autocomplete="username"
            required
            value={user}
            onInput={(event) => setUser(event.currentTarget.value)}
          />
        </Field>
        <Field label="Password">
          <input
            name="password"
            type="password"
            autocomplete="current-password"
            value={password}
            onInput={(event) => setPassword(event.currentTarget.value)}
          />
        </Field>
        <ErrorLine text={loginRefusal.value} />
        <button type="submit" class="primary">
          Log in
        </button>
      </form>
    </main>
  )
}
