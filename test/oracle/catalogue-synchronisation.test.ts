import { checked } from './checked.ts'

checked('synchronisation/')
