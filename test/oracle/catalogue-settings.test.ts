import { checked } from './checked.ts'

checked('settings/')
