import { graphql } from '../lib/graphql.ts';
import { BlockFields } from './Blocks.ts';

export const HomeFields = graphql(
  `
    fragment HomeFields on Home {
      title
      intro
      body {
        ...BlockFields
      }
    }
  `,
  [BlockFields],
);
