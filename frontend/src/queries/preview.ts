// What a preview token opens.
import { CategoryFields } from '../components/Category.ts';
import { SiteFields } from '../components/Layout.ts';
import { PageFields } from '../components/Page.ts';
import { PersonFields } from '../components/Person.ts';
import { PreviewBarFields } from '../components/PreviewBar.ts';
import { SpecimenFields } from '../components/Specimen.ts';
import { TopicFields } from '../components/Topic.ts';
import { graphql } from '../lib/graphql.ts';

export const PreviewQuery = graphql(
  `
    query Preview($site: String) {
      site(site: $site) {
        ...SiteFields
      }
      preview {
        ...PreviewBarFields
        userbar
        object {
          __typename
          id
          ...PageFields
          ...PersonFields
          ...TopicFields
          ...CategoryFields
          ...SpecimenFields
          ... on Page {
            locale
          }
          ... on Topic {
            locale
          }
          ... on Category {
            locale
          }
        }
      }
    }
  `,
  [CategoryFields, PageFields, PersonFields, PreviewBarFields, SiteFields, SpecimenFields, TopicFields],
);

/** For a preview that shows another page than its object's: that page is asked for like any other, with the same token. */
export const PreviewStatusQuery = graphql(
  `
    query PreviewStatus {
      preview {
        ...PreviewBarFields
      }
    }
  `,
  [PreviewBarFields],
);
