import { graphql } from '../lib/graphql.ts';
import { ImageFields } from './Image.ts';

export const PersonFields = graphql(
  `
    fragment PersonFields on Person {
      id
      name
      slug
      bio
      photo {
        ...ImageFields
      }
    }
  `,
  [ImageFields],
);
