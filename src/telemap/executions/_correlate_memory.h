/* Room: for numbers, for what is remembered by a key, for things of one size. Nothing here knows of runs or spans. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* ---- Numbers ---- */

typedef struct {
    int64_t *items;
    size_t count, room;
    int failed; /* to add, for want of memory */
} Numbers;

static int make_room(Numbers *numbers, size_t count)
{
    if (count > numbers->room - numbers->count) {
        size_t room = 2 * numbers->room + count;
        int64_t *items = room > SIZE_MAX / sizeof *items ? NULL : realloc(numbers->items, room * sizeof *items);
        if (!items) return -1;
        numbers->items = items;
        numbers->room = room;
    }
    return 0;
}

static void add(Numbers *numbers, const void *items, size_t count)
{
    if (!count) return;
    if (make_room(numbers, count) < 0) {
        numbers->failed = 1;
        return;
    }
    memcpy(numbers->items + numbers->count, items, count * sizeof(int64_t));
    numbers->count += count;
}

/* ---- Memories: what dict and OrderedDict are to the twin; entries keep the order in which they came ---- */

typedef struct { int64_t key[2], value, is_there; } Entry;

typedef struct {
    Entry *entries;
    uint32_t *slots; /* number of an entry + 1; 0 is a free slot */
    size_t first, used, count, room, slot_mask;
} Map;

static inline size_t slot_of(const Map *map, int64_t a, int64_t b)
{
    uint64_t hash = ((uint64_t)a * UINT64_C(0x9E3779B97F4A7C15)) ^ ((uint64_t)b * UINT64_C(0xC2B2AE3D27D4EB4F));
    return (size_t)(hash ^ hash >> 32) & map->slot_mask;
}

static Entry *find(const Map *map, int64_t a, int64_t b)
{
    if (!map->count) return NULL;
    for (size_t i = slot_of(map, a, b); map->slots[i]; i = (i + 1) & map->slot_mask) {
        Entry *entry = &map->entries[map->slots[i] - 1];
        if (entry->key[0] == a && entry->key[1] == b && entry->is_there) return entry;
    }
    return NULL;
}

/* A new entry has the value `otherwise`. There is room for it: see map_reserve. */
static Entry *find_or_add(Map *map, int64_t a, int64_t b, int64_t otherwise)
{
    Entry *entry = find(map, a, b);
    if (entry) return entry;
    size_t i = slot_of(map, a, b);
    while (map->slots[i]) i = (i + 1) & map->slot_mask;
    entry = &map->entries[map->used];
    *entry = (Entry){{a, b}, otherwise, 1};
    map->slots[i] = (uint32_t)++map->used;
    map->count++;
    return entry;
}

static void forget(Map *map, Entry *entry)
{
    entry->is_there = 0;
    map->count--;
}

static void forget_oldest_above(Map *map, size_t most)
{
    if (map->count <= most) return;
    while (!map->entries[map->first].is_there) map->first++;
    forget(map, &map->entries[map->first]);
}

static int map_reserve(Map *map, size_t count)
{
    if (count <= map->room - map->used) return 0;
    size_t room = 64;
    while (room < 2 * (map->count + count)) room *= 2;
    Map grown = {.room = room, .slot_mask = 2 * room - 1};
    if (room <= UINT32_MAX / 2) {
        grown.entries = malloc(room * sizeof *grown.entries);
        grown.slots = calloc(2 * room, sizeof *grown.slots);
    }
    if (!grown.entries || !grown.slots) {
        free(grown.entries);
        free(grown.slots);
        return -1;
    }
    for (size_t i = map->first; i < map->used; i++) {
        const Entry *entry = &map->entries[i];
        if (entry->is_there) find_or_add(&grown, entry->key[0], entry->key[1], entry->value);
    }
    free(map->entries);
    free(map->slots);
    *map = grown;
    return 0;
}

/* ---- Runs and spans come from pools, so that room for them can be made before ---- */

typedef struct Vacant { struct Vacant *next; } Vacant;

typedef struct {
    Vacant *vacant, *blocks;
    size_t vacant_count;
} Pool;

static int pool_reserve(Pool *pool, size_t size, size_t count)
{
    if (pool->vacant_count >= count) return 0;
    Vacant *block = count > SIZE_MAX / size - 1 ? NULL : malloc((count + 1) * size);
    if (!block) return -1;
    block->next = pool->blocks;
    pool->blocks = block;
    for (size_t i = count; i; i--) { /* the first place links the blocks */
        Vacant *place = (Vacant *)((char *)block + i * size);
        place->next = pool->vacant;
        pool->vacant = place;
    }
    pool->vacant_count += count;
    return 0;
}

static void *take(Pool *pool)
{
    Vacant *place = pool->vacant;
    pool->vacant = place->next;
    pool->vacant_count--;
    return place;
}

static void give(Pool *pool, void *item)
{
    Vacant *place = item;
    place->next = pool->vacant;
    pool->vacant = place;
    pool->vacant_count++;
}

static void pool_clear(Pool *pool)
{
    while (pool->blocks) {
        Vacant *block = pool->blocks;
        pool->blocks = block->next;
        free(block);
    }
    *pool = (Pool){0};
}
