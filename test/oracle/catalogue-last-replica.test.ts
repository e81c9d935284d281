import { checked } from './checked.ts'

checked('last replica/')
