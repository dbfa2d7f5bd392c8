// What Facto.Faiss calls: a C face on libfaiss. Every function returns 0, or -1 after which facto_faiss_error() says what went wrong
// on the calling thread; no C++ exception crosses the border.
#include <faiss/Index.h>
#include <faiss/IndexHNSW.h>
#include <faiss/IndexIDMap.h>
#include <faiss/IndexIVF.h>
#include <faiss/impl/IDSelector.h>
#include <faiss/index_factory.h>
#include <faiss/index_io.h>

#include <algorithm>
#include <cstdint>
#include <exception>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

namespace {

thread_local std::string last_error;

template <typename Work>
int guarded(Work work) {
    try {
        work();
        return 0;
    } catch (const std::exception& e) {
        last_error = e.what();
    } catch (...) {
        last_error = "an unknown error";
    }
    return -1;
}

// Facto's filter: a bitmap of allowed ids (all when null) and an ascending list of denied ones.
struct Filter : faiss::IDSelector {
    const uint64_t* allowed;
    int64_t words;
    const int32_t* denied;
    int64_t denied_count;

    bool is_member(faiss::Index::idx_t id) const override {
        if (id < 0) return false;
        if (allowed && (id / 64 >= words || !(allowed[id / 64] >> (id % 64) & 1))) return false;
        return !std::binary_search(denied, denied + denied_count, id);
    }
};

const faiss::Index* inner(const faiss::Index* index) {
    auto map = dynamic_cast<const faiss::IndexIDMap*>(index);
    return map ? map->index : index;
}

std::unique_ptr<faiss::SearchParameters> parameters(const faiss::Index* index) {
    if (auto ivf = dynamic_cast<const faiss::IndexIVF*>(index)) {
        auto p = std::make_unique<faiss::SearchParametersIVF>();
        p->nprobe = ivf->nprobe;
        p->max_codes = ivf->max_codes;
        return p;
    }
    if (auto hnsw = dynamic_cast<const faiss::IndexHNSW*>(index)) {
        auto p = std::make_unique<faiss::SearchParametersHNSW>();
        p->efSearch = hnsw->hnsw.efSearch;
        return p;
    }
    return std::make_unique<faiss::SearchParameters>();
}

} // namespace

extern "C" {

const char* facto_faiss_error() { return last_error.c_str(); }

int facto_faiss_create(int dimension, const char* description, faiss::Index** out) {
    return guarded([&] { *out = faiss::index_factory(dimension, description, faiss::METRIC_INNER_PRODUCT); });
}

int facto_faiss_load(const char* path, faiss::Index** out) {
    return guarded([&] { *out = faiss::read_index(path); });
}

int facto_faiss_save(const faiss::Index* index, const char* path) {
    return guarded([&] { faiss::write_index(index, path); });
}

void facto_faiss_free(faiss::Index* index) { delete index; }

int facto_faiss_dimension(const faiss::Index* index) { return static_cast<int>(index->d); }

int64_t facto_faiss_count(const faiss::Index* index) { return index->ntotal; }

int facto_faiss_metric(const faiss::Index* index) { return static_cast<int>(index->metric_type); }

int facto_faiss_train(faiss::Index* index, int64_t count, const float* vectors) {
    return guarded([&] {
        if (!index->is_trained) index->train(count, vectors);
    });
}

// Without ids the vectors are numbered on from those already there.
int facto_faiss_add(faiss::Index* index, int64_t count, const float* vectors, const int64_t* ids) {
    return guarded([&] {
        if (ids) {
            index->add_with_ids(count, vectors, ids);
        } else if (dynamic_cast<faiss::IndexIDMap*>(index)) {
            std::vector<faiss::Index::idx_t> next(count);
            std::iota(next.begin(), next.end(), index->ntotal);
            index->add_with_ids(count, vectors, next.data());
        } else {
            index->add(count, vectors);
        }
    });
}

// Breadth of a search: efSearch of a graph, nprobe of an inverted file; other indexes have none.
int facto_faiss_set_breadth(faiss::Index* index, int breadth) {
    return guarded([&] {
        auto part = const_cast<faiss::Index*>(inner(index));
        if (auto ivf = dynamic_cast<faiss::IndexIVF*>(part)) ivf->nprobe = breadth;
        if (auto hnsw = dynamic_cast<faiss::IndexHNSW*>(part)) hnsw->hnsw.efSearch = breadth;
    });
}

int facto_faiss_search(const faiss::Index* index, const float* query, int64_t wanted, int filtered, const uint64_t* allowed, int64_t words,
                       const int32_t* denied, int64_t denied_count, float* scores, int64_t* ids) {
    return guarded([&] {
        if (!filtered) {
            index->search(1, query, wanted, scores, ids);
            return;
        }
        Filter filter;
        filter.allowed = words ? allowed : nullptr;
        filter.words = words;
        filter.denied = denied;
        filter.denied_count = denied_count;
        auto p = parameters(inner(index));
        p->sel = &filter;
        index->search(1, query, wanted, scores, ids, p.get());
    });
}
}
