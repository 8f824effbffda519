import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';

/** What the standards require of a message, as JSON schemas. */
const ajv = new Ajv2020({ allErrors: true, strict: false });
formats.default(ajv);

const text = { type: 'string', minLength: 1 };

/** CloudEvents 1.0.2, JSON format: attributes are lower-case letters and digits; extensions are texts, numbers or truths. */
export const isCloudEvent = ajv.compile({
  type: 'object',
  required: ['specversion', 'id', 'source', 'type'],
  properties: {
    specversion: { const: '1.0' },
    id: text,
    source: { ...text, format: 'uri-reference' },
    type: text,
    subject: text,
    time: { type: 'string', format: 'date-time' },
    datacontenttype: { const: 'application/json' },
    sequence: { type: 'string', pattern: '^[0-9]{20}$' },
    data: {},
  },
  propertyNames: { pattern: '^[a-z0-9]{1,20}$' },
  additionalProperties: { type: ['string', 'number', 'boolean'] },
});

const named = { anyOf: [{ required: ['name'] }, { required: ['uid'] }], properties: { name: text, uid: text } };

const ofClass = (classUid: number, required: object) => ({
  anyOf: [{ properties: { class_uid: { not: { const: classUid } } } }, required],
});

/** OCSF 1.8.0: the attributes that every event must have, and those of the classes in use. */
export const isOcsf = ajv.compile({
  type: 'object',
  required: ['activity_id', 'category_uid', 'class_uid', 'type_uid', 'severity_id', 'time', 'metadata'],
  properties: {
    activity_id: { type: 'integer' },
    category_uid: { enum: [0, 3] },
    class_uid: { enum: [0, 3001, 3004, 3006] },
    type_uid: { type: 'integer' },
    severity_id: { enum: [0, 1, 2, 3, 4, 5, 6, 99] },
    status_id: { enum: [0, 1, 2, 99] },
    time: { type: 'integer', minimum: 1_500_000_000_000 },
    metadata: {
      type: 'object',
      required: ['product', 'version'],
      properties: {
        version: { const: '1.8.0' },
        product: { type: 'object', anyOf: [{ required: ['name'] }, { required: ['uid'] }] },
      },
    },
    actor: { type: 'object', anyOf: ['user', 'app_name', 'app_uid', 'process', 'session'].map((name) => ({ required: [name] })) },
  },
  allOf: [
    ofClass(3001, {
      required: ['user'],
      properties: { user: named, category_uid: { const: 3 }, activity_id: { enum: [1, 2, 3, 4, 5, 6, 7, 8, 9, 99] } },
    }),
    ofClass(3006, {
      required: ['group'],
      properties: { group: named, category_uid: { const: 3 }, activity_id: { enum: [1, 2, 3, 4, 5, 6, 99] } },
    }),
    ofClass(3004, {
      required: ['entity'],
      properties: { entity: named, category_uid: { const: 3 }, activity_id: { enum: [1, 2, 3, 4, 99] } },
    }),
  ],
});

/** RFC 8417 and RFC 9967: claims of a token about a SCIM resource. `sub` must not be used. */
export const isSecurityEvent = ajv.compile({
  type: 'object',
  required: ['iss', 'iat', 'jti', 'aud', 'events', 'sub_id'],
  not: { required: ['sub'] },
  properties: {
    iss: text,
    iat: { type: 'integer' },
    jti: text,
    txn: text,
    sub_id: {
      type: 'object',
      required: ['format', 'uri'],
      properties: {
        format: { const: 'scim' },
        uri: { type: 'string', format: 'uri-reference', pattern: '^/(Users|Groups)/.+' },
        externalId: text,
      },
    },
    events: {
      type: 'object',
      minProperties: 1,
      propertyNames: {
        enum: ['prov:create:notice', 'prov:patch:notice', 'prov:activate', 'prov:deactivate', 'prov:delete'].map(
          (name) => `urn:ietf:params:scim:event:${name}`,
        ),
      },
      patternProperties: {
        ':notice$': {
          type: 'object',
          required: ['attributes'],
          not: { required: ['data'] },
          properties: { attributes: { type: 'array', items: text } },
        },
        '(activate|delete)$': { type: 'object', maxProperties: 0 },
      },
    },
  },
});

const value = { $ref: '#/$defs/value' };
const keyValues = { type: 'array', items: { type: 'object', required: ['key', 'value'], properties: { key: text, value } } };
const nanos = { type: 'string', pattern: '^[0-9]{19}$' };

/** An ExportLogsServiceRequest of OpenTelemetry's protocol in JSON. */
export const isLogsRequest = ajv.compile({
  $defs: {
    value: {
      type: 'object',
      maxProperties: 1,
      additionalProperties: false,
      properties: {
        stringValue: { type: 'string' },
        boolValue: { type: 'boolean' },
        intValue: { type: 'string', pattern: '^-?[0-9]+$' },
        doubleValue: { type: 'number' },
        arrayValue: { type: 'object', properties: { values: { type: 'array', items: value } } },
        kvlistValue: { type: 'object', properties: { values: keyValues } },
      },
    },
  },
  type: 'object',
  required: ['resourceLogs'],
  properties: {
    resourceLogs: {
      type: 'array',
      minItems: 1,
      items: {
        type: 'object',
        required: ['resource', 'scopeLogs'],
        properties: {
          resource: { type: 'object', properties: { attributes: keyValues } },
          scopeLogs: {
            type: 'array',
            items: {
              type: 'object',
              required: ['logRecords'],
              properties: {
                logRecords: {
                  type: 'array',
                  items: {
                    type: 'object',
                    required: ['timeUnixNano', 'body'],
                    properties: {
                      timeUnixNano: nanos,
                      observedTimeUnixNano: nanos,
                      severityNumber: { type: 'integer', minimum: 1, maximum: 24 },
                      severityText: text,
                      eventName: text,
                      body: value,
                      attributes: keyValues,
                    },
                  },
                },
              },
            },
          },
        },
      },
    },
  },
});
