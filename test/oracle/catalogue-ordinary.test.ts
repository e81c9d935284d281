import { checked } from './checked.ts'

checked('ordinary/')
