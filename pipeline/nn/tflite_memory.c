/* SPDX-License-Identifier: Apache-2.0 */
/* Lays the values of a network out in one workspace: values that never live at the same time share
 * their place (greedy by size, Pisarchyk & Lee 2020, "Efficient memory management for deep neural
 * net inference"). */
#include "nn/tflite_graph.h"

enum { MAX_WORKSPACE = 1 << 24 /* values */ };

static struct net_tensor *value(const struct net_reader *r, int i)
{
    return &r->net->tensor[i];
}

static size_t round_up(size_t n)
{
    return (n + DERM_NN_GROUP - 1) / DERM_NN_GROUP * DERM_NN_GROUP;
}

static bool lives(const struct net_tensor *t)
{
    return t->defined && !t->data;
}

/* Largest first, each as low as it fits beside those placed that live at the same time. */
static size_t place(const struct net_tensor *all, const int *by_place, int placed,
                    const struct net_tensor *t)
{
    size_t at = 0;

    for (int i = 0; i < placed; i++) {
        const struct net_tensor *const o = &all[by_place[i]];
        const size_t end = round_up(o->at + o->count + NET_SLACK);

        if (o->last < t->first || o->first > t->last) continue;
        if (o->at >= at + t->count + NET_SLACK) break;
        if (end > at) at = end;
    }
    return at;
}

derm_err net_plan_memory(struct net_reader *r)
{
    struct derm_net *const net = r->net;
    int *by_size, *by_place, n = 0;

    for (int i = 0; i < net->outputs; i++) {
        if (!lives(value(r, net->output[i]))) return net_refuse(r, "an output");
        value(r, net->output[i])->last = net->ops;
    }
    value(r, net->input)->last = net->ops; /* may be filled once and run again */
    DERM_TRY(derm_arena_new(r->temp, &by_size, (size_t)net->tensors, sizeof(*by_size)));
    DERM_TRY(derm_arena_new(r->temp, &by_place, (size_t)net->tensors, sizeof(*by_place)));
    for (int i = 0; i < net->tensors; i++) {
        int k = n;

        if (!lives(value(r, i))) continue;
        for (; k > 0 && value(r, by_size[k - 1])->count < value(r, i)->count; k--)
            by_size[k] = by_size[k - 1];
        by_size[k] = i;
        n++;
    }
    for (int i = 0; i < n; i++) {
        struct net_tensor *const t = value(r, by_size[i]);
        int k = i;

        t->at = place(net->tensor, by_place, i, t);
        if (t->at + t->count > MAX_WORKSPACE) return net_refuse(r, "its size");
        if (t->at + t->count + NET_SLACK > net->workspace)
            net->workspace = t->at + t->count + NET_SLACK;
        for (; k > 0 && value(r, by_place[k - 1])->at > t->at; k--)
            by_place[k] = by_place[k - 1];
        by_place[k] = by_size[i];
    }
    return DERM_OK;
}
