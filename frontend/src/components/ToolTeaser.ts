import { graphql } from '../lib/graphql.ts';
import { ImageFields } from './Image.ts';

export const ToolTeaserFields = graphql(
  `
    fragment ToolTeaserFields on Tool {
      name
      slug
      path
      tagline
      lifecycle
      logo {
        ...ImageFields
      }
      categories {
        name
        slug
      }
    }
  `,
  [ImageFields],
);
