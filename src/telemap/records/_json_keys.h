/* The keys seen so far: each path of keys has a number. */

#define ROOT 0
#define NO_ROOM UINT32_MAX
#define MAX_CAPACITY (1 << 20)
#define LONGEST_PATH 1024

typedef struct {
    uint64_t hash;
    uint64_t line;      /* in which it was seen last, */
    size_t first, last; /* and which members it told there: those that it replaces should it come again */
    uint8_t *path;
    size_t path_length;
    size_t key_length; /* of the key at the end of the path; larger than any where the key is never spelled like that */
    uint32_t parent;   /* of the object that the key was first seen in */
    uint32_t next;     /* the key that followed it last */
} Key;

typedef struct {
    PyObject_HEAD
    Key *keys;
    uint32_t *slots; /* number of a key; 0 is a free slot, for the root is never looked up */
    uint64_t slot_mask, seed, lines;
    uint32_t count, capacity;
    int busy;
} KeyTable;

static inline Bytes key_text(const Key *key) { return key->path + key->path_length - key->key_length; }

/* memcmp is a call, which most keys are too short for. */
static ALWAYS_INLINE int is_same(Bytes a, Bytes b, size_t length)
{
    uint64_t x, y;
    if (length < 8) {
        uint32_t s, t;
        if (length < 4)
            return !length || (a[0] == b[0] && a[length / 2] == b[length / 2] && a[length - 1] == b[length - 1]);
        memcpy(&s, a, 4);
        memcpy(&t, b, 4);
        if (s != t) return 0;
        memcpy(&s, a + length - 4, 4);
        memcpy(&t, b + length - 4, 4);
        return s == t;
    }
    for (size_t i = 0; i < length - 8; i += 8) {
        memcpy(&x, a + i, 8);
        memcpy(&y, b + i, 8);
        if (x != y) return 0;
    }
    memcpy(&x, a + length - 8, 8);
    memcpy(&y, b + length - 8, 8);
    return x == y;
}

/* Whether the text at p, after a quote, is this key of that object, and its end. */
static ALWAYS_INLINE int is_key_at(const Key *key, uint32_t parent, Bytes p, Bytes end)
{
    size_t length = key->key_length;
    return key->parent == parent && (size_t)(end - p) > length && p[length] == '"' && is_same(p, key_text(key), length);
}

static uint64_t hash_of(uint64_t seed, Bytes p, size_t length)
{
    uint64_t hash = seed ^ length;
    for (size_t i = 0; i < length; i += 8) {
        uint64_t w = 0;
        memcpy(&w, p + i, length - i < 8 ? length - i : 8);
        hash = (hash ^ w) * UINT64_C(0x9E3779B97F4A7C15);
        hash ^= hash >> 29;
    }
    hash *= UINT64_C(0xBF58476D1CE4E5B9);
    return hash ^ hash >> 32;
}

/* The slot of the key of that path, or the free one where it would be. */
static uint32_t *slot_of(const KeyTable *table, uint64_t hash, Bytes path, size_t length)
{
    uint64_t i = hash & table->slot_mask;
    for (; table->slots[i]; i = (i + 1) & table->slot_mask) {
        const Key *key = &table->keys[table->slots[i]];
        if (key->hash == hash && key->path_length == length && !memcmp(key->path, path, length)) break;
    }
    return &table->slots[i];
}

/* The number of the key whose text, as spelled, is between p and end; NO_ROOM where it is new and there is none. */
static uint32_t key_number(KeyTable *table, uint32_t parent, Bytes p, Bytes end, int escaped)
{
    const Key *above = &table->keys[parent];
    uint8_t path[LONGEST_PATH], *out = path;
    if ((size_t)(end - p) + (parent ? above->path_length + 1 : 0) > LONGEST_PATH) return NO_ROOM;
    if (parent) {
        memcpy(path, above->path, above->path_length);
        out = path + above->path_length;
        *out++ = '.';
    }
    uint8_t *text = out;
    out = put_unescaped(out, p, end);
    size_t length = (size_t)(out - path);
    uint64_t hash = hash_of(table->seed, path, length);
    uint32_t *slot = slot_of(table, hash, path, length);
    if (*slot) return *slot;
    uint8_t *copy = table->count < table->capacity ? malloc(length ? length : 1) : NULL;
    if (!copy) return NO_ROOM;
    memcpy(copy, path, length);
    table->keys[table->count] =
        (Key){.hash = hash, .path = copy, .path_length = length, .parent = parent,
              .key_length = escaped ? SIZE_MAX : (size_t)(out - text)};
    return *slot = table->count++;
}

/* Takes back all keys from that number on. They leave in the reverse of the order in which they came, so their slots
   can simply be freed. */
static void forget_from(KeyTable *table, uint32_t number)
{
    while (table->count > number) {
        Key *key = &table->keys[--table->count];
        *slot_of(table, key->hash, key->path, key->path_length) = 0;
        free(key->path);
    }
}
