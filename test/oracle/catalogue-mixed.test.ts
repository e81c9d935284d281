import { checked } from './checked.ts'

checked('mixed/')
