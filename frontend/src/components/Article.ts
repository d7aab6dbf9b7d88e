import { graphql } from '../lib/graphql.ts';
import { BlockFields } from './Blocks.ts';
import { BreadcrumbFields } from './Breadcrumbs.ts';
import { BylineFields } from './Byline.ts';
import { CorrectionFields } from './Corrections.ts';
import { CreditFields } from './Credits.ts';
import { ImageFields } from './Image.ts';
import { SourceFields } from './Sources.ts';
import { ToolTeaserFields } from './ToolTeaser.ts';

export const ArticleFields = graphql(
  `
    fragment ArticleFields on Article {
      title
      path
      locale
      updatedAt
      publishedAt
      question
      shortAnswer
      dek
      takeaways
      disclosure {
        text
      }
      hero {
        credit
        ...ImageFields
      }
      topics {
        name
        slug
      }
      tools {
        ...ToolTeaserFields
      }
      tableOfContents {
        anchor
        text
        level
      }
      body {
        ...BlockFields
      }
      sources {
        ...SourceFields
      }
      useCases {
        name
      }
      corrections {
        ...CorrectionFields
      }
      related(first: 4) {
        reason
        page {
          title
          path
        }
      }
      ...BylineFields
      ...CreditFields
      ...BreadcrumbFields
    }
  `,
  [BlockFields, BreadcrumbFields, BylineFields, CorrectionFields, CreditFields, ImageFields, SourceFields, ToolTeaserFields],
);
