// SPDX-License-Identifier: Apache-2.0
// The same work by OpenCV, one thread, written as one would for speed: results go to matrices that
// are there already, tables instead of powers, broad filters on halved pictures, and one loop over
// pixels where Mat expressions would take ten. It is compiled for the machine it runs on, and its
// JPEGs come from libjpeg-turbo, without imdecode's copy.
//
//   peer_opencv FOLDER PHOTO WIDTH HEIGHT ANALYSIS     serves (peer.h)
#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <jpeglib.h>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

#include "peer.h"

namespace
{

const double grid_px_per_mm = peer_px_per_mm / peer_step;
const int border = cv::BORDER_REPLICATE;

struct blob {
    float scale, x, y;
};
struct component {
    int x0, y0, x1, y1, area;
};
struct filter { // a line of analysis.txt
    std::string what, plane;
    int shrink;
    std::vector<double> sigma_mm;
};

struct peer {
    std::string photo;
    cv::Mat rgb, plane, mask;
    cv::Mat light, grid, density, mixed, pigment[2];   // maps
    cv::Mat smooth, ridge, band, wide, response, peak; // filters
    cv::Mat labels, stats, centroids, x, y, warped;
    std::vector<blob> blobs;
    std::vector<component> components;
    std::vector<filter> filters;
    std::map<std::string, cv::Mat> planes, shrunk; // of the filters, by name
    std::vector<float> code_light = std::vector<float>(256);
};

void save_mat(const cv::Mat &m, FILE *to)
{
    for (int y = 0; y < m.rows; y++)
        fwrite(m.ptr(y), m.elemSize(), static_cast<size_t>(m.cols), to);
}

// Truncated where dermetry truncates.
void blur(const cv::Mat &src, cv::Mat &dst, double sigma)
{
    const int side = 2 * static_cast<int>(std::ceil(4 * sigma)) + 1;

    cv::GaussianBlur(src, dst, { side, side }, sigma, sigma, border);
}

// ---- the stages
void run_decode(void *self)
{
    auto &p = *static_cast<peer *>(self);
    jpeg_error_mgr errors;
    jpeg_decompress_struct jpeg = {};
    FILE *const file = fopen(p.photo.c_str(), "rb");

    jpeg.err = jpeg_std_error(&errors);
    jpeg_create_decompress(&jpeg);
    jpeg_stdio_src(&jpeg, file);
    jpeg_read_header(&jpeg, TRUE);
    jpeg.out_color_space = JCS_RGB;
    jpeg_start_decompress(&jpeg);
    while (jpeg.output_scanline < jpeg.output_height) {
        JSAMPROW row[1] = { p.rgb.ptr(static_cast<int>(jpeg.output_scanline)) };
        jpeg_read_scanlines(&jpeg, row, 1);
    }
    jpeg_finish_decompress(&jpeg);
    jpeg_destroy_decompress(&jpeg);
    fclose(file);
}

void save_decode(void *self, FILE *to)
{
    save_mat(static_cast<peer *>(self)->rgb, to);
}

void run_maps(void *self)
{
    auto &p = *static_cast<peer *>(self);
    const cv::Size size(static_cast<int>(p.rgb.cols / peer_step),
                        static_cast<int>(p.rgb.rows / peer_step));
    cv::Matx<float, 2, 3> weights;

    for (int c = 0; c < 3; c++) {
        weights(0, c) = -peer_melanin[c];
        weights(1, c) = -peer_blood[c];
    }
    cv::LUT(p.rgb, cv::Mat(1, 256, CV_32F, p.code_light.data()), p.light);
    cv::resize(p.light, p.grid, size, 0, 0, cv::INTER_AREA);
    cv::max(p.grid, cv::Scalar::all(static_cast<double>(peer_od_floor)), p.grid);
    cv::log(p.grid, p.density);
    cv::transform(p.density, p.mixed, weights);
    cv::split(p.mixed, p.pigment);
}

void save_maps(void *self, FILE *to)
{
    save_mat(static_cast<peer *>(self)->pigment[0], to);
    save_mat(static_cast<peer *>(self)->pigment[1], to);
}

// sigma^2 times the larger curvature of a bright line, and of the response before where it is more.
// All second differences smooth by 1/3 px^2 to either side; see find_curved.
void keep_strongest(const cv::Mat &smooth, cv::Mat &ridge, double sigma, bool first)
{
    const auto scale = static_cast<float>(sigma * sigma);
    const auto width = static_cast<size_t>(smooth.cols);
    std::vector<float> mean(width), bend(width); // along y

    for (int y = 0; y < smooth.rows; y++) {
        const float *r[5];
        float *const out = ridge.ptr<float>(y);

        for (int k = 0; k < 5; k++)
            r[k] = smooth.ptr<float>(std::clamp(y + k - 2, 0, smooth.rows - 1));
        for (size_t x = 0; x < width; x++) {
            const float beside = r[1][x] + r[3][x];
            mean[x] = (beside + 4 * r[2][x]) * (1 / 6.0f);
            bend[x] = (r[0][x] + r[4][x] + 8 * beside - 18 * r[2][x]) * (1 / 12.0f);
        }
        if (first) std::fill(out, out + width, 0.0f);
        for (size_t x = 2; x < width - 2; x++) {
            const float xx =
                (mean[x - 2] + mean[x + 2] + 8 * (mean[x - 1] + mean[x + 1]) - 18 * mean[x]) *
                (1 / 12.0f);
            const float yy = (bend[x - 1] + bend[x + 1] + 4 * bend[x]) * (1 / 6.0f);
            const float xy = 0.25f * (r[1][x - 1] - r[1][x + 1] - r[3][x - 1] + r[3][x + 1]);
            const float half = 0.5f * (xx - yy), root = std::sqrt(half * half + xy * xy);

            out[x] = std::max(out[x], scale * (root - 0.5f * (xx + yy)));
        }
    }
}

// The differences' smoothing is left out of the Gaussian: one blur in place of three, and within
// 3.5 % (relative RMS, bare noise; skin 0.3 %) of the derivatives of a Gaussian.
void find_curved(peer &p, const cv::Mat &plane, double sigma, bool first)
{
    p.ridge.create(plane.size(), CV_32F);
    blur(plane, p.smooth, std::sqrt(sigma * sigma - 1 / 3.0));
    keep_strongest(p.smooth, p.ridge, sigma, first);
}

void run_ridge(void *self)
{
    auto &p = *static_cast<peer *>(self);

    for (int s = 0; s < PEER_SCALES; s++)
        find_curved(p, p.plane, peer_ridge_sigma_px[s], s == 0);
    blur(p.plane, p.band, peer_band_sigma_px[0]);
    blur(p.plane, p.wide, peer_band_sigma_px[1]);
    cv::subtract(p.band, p.wide, p.band);
}

void save_ridge(void *self, FILE *to)
{
    save_mat(static_cast<peer *>(self)->ridge, to);
    save_mat(static_cast<peer *>(self)->band, to);
}

// Maxima of the Laplacian over 3 x 3.
void find_maxima(peer &p, const cv::Mat &plane, double sigma, float scale)
{
    const cv::Matx33f laplacian(-1, -4, -1, -4, 20, -4, -1, -4, -1);

    blur(plane, p.smooth, std::sqrt(std::max(sigma * sigma - 1 / 6.0, 0.25)));
    cv::filter2D(p.smooth, p.response, CV_32F, laplacian * (sigma * sigma / 6), { -1, -1 }, 0,
                 border);
    cv::dilate(p.response, p.peak, cv::Mat());
    for (int y = 1; y < plane.rows - 1; y++) {
        const float *const value = p.response.ptr<float>(y), *const most = p.peak.ptr<float>(y);

        for (int x = 1; x < plane.cols - 1; x++)
            if (value[x] > peer_blob_floor_od && value[x] >= most[x])
                p.blobs.push_back({ scale, static_cast<float>(x), static_cast<float>(y) });
    }
}

void run_blobs(void *self)
{
    auto &p = *static_cast<peer *>(self);

    p.blobs.clear();
    for (int s = 0; s < PEER_SCALES; s++)
        find_maxima(p, p.plane, peer_blob_sigma_px[s], static_cast<float>(s));
}

void save_blobs(void *self, FILE *to)
{
    const auto &blobs = static_cast<peer *>(self)->blobs;

    fwrite(blobs.data(), sizeof(blob), blobs.size(), to);
}

void find_components(peer &p, const cv::Mat &mask)
{
    const int n = cv::connectedComponentsWithStats(mask, p.labels, p.stats, p.centroids, 8, CV_32S);

    p.components.clear();
    for (int i = 1; i < n; i++) {
        const int *const s = p.stats.ptr<int>(i);
        const int x0 = s[cv::CC_STAT_LEFT], y0 = s[cv::CC_STAT_TOP];

        p.components.push_back(
            { x0, y0, x0 + s[cv::CC_STAT_WIDTH], y0 + s[cv::CC_STAT_HEIGHT], s[cv::CC_STAT_AREA] });
    }
}

void run_components(void *self)
{
    find_components(*static_cast<peer *>(self), static_cast<peer *>(self)->mask);
}

void save_components(void *self, FILE *to)
{
    const auto &all = static_cast<peer *>(self)->components;

    fwrite(all.data(), sizeof(component), all.size(), to);
}

void run_warp(void *self)
{
    auto &p = *static_cast<peer *>(self);

    cv::remap(p.plane, p.warped, p.x, p.y, cv::INTER_CUBIC, border);
}

void save_warp(void *self, FILE *to)
{
    save_mat(static_cast<peer *>(self)->warped, to);
}

// ---- the filters of an analysis: every one of the list, broad ones on halved pictures
void find_objects(peer &p, const cv::Mat &plane, const filter &f, double px_per_mm)
{
    blur(plane, p.band, f.sigma_mm[0] * px_per_mm);
    blur(plane, p.wide, f.sigma_mm[1] * px_per_mm);
    cv::subtract(p.band, p.wide, p.band);
    find_components(p, p.band > static_cast<double>(peer_object_od));
}

void run_filter(peer &p, const filter &f, cv::Mat plane)
{
    double px_per_mm = grid_px_per_mm / f.shrink;
    cv::Mat half;

    if (f.what == "objects") return find_objects(p, plane, f, px_per_mm);
    for (size_t i = 0; i < f.sigma_mm.size(); i++) {
        while (f.sigma_mm[i] * px_per_mm >= peer_halve_from_px) {
            cv::resize(plane, half, {}, 0.5, 0.5, cv::INTER_AREA);
            std::swap(plane, half);
            px_per_mm /= 2;
        }
        const double sigma = f.sigma_mm[i] * px_per_mm;

        if (f.what == "maxima")
            find_maxima(p, plane, sigma, static_cast<float>(i));
        else if (f.what == "curved")
            find_curved(p, plane, sigma, true);
        else
            blur(plane, p.smooth, sigma);
    }
}

void run_filters(void *self)
{
    auto &p = *static_cast<peer *>(self);
    std::set<std::string> there;

    run_decode(self);
    run_maps(self);
    p.blobs.clear();
    for (int c = 0; c < 2; c++) {
        cv::extractChannel(p.density, p.planes[c ? "green" : "red"], c);
        cv::subtract(cv::Scalar(0), p.planes[c ? "green" : "red"], p.planes[c ? "green" : "red"]);
    }
    p.planes["melanin"] = p.pigment[0];
    p.planes["blood"] = p.pigment[1];
    for (const filter &f : p.filters) {
        const std::string name = f.plane + std::to_string(f.shrink);

        if (there.insert(name).second)
            cv::resize(p.planes[f.plane], p.shrunk[name], {}, 1.0 / f.shrink, 1.0 / f.shrink,
                       cv::INTER_AREA);
        run_filter(p, f, p.shrunk[name]);
    }
}

// ---- what is there before anything is measured
cv::Mat load(const char *folder, const char *name, int w, int h, int type)
{
    cv::Mat m(h, w, type);
    FILE *const file = peer_open(folder, name, "rb");

    if (fread(m.data, m.elemSize(), m.total(), file) != m.total()) exit(1);
    fclose(file);
    return m;
}

void read_filters(peer &p, const char *path)
{
    std::ifstream file(path);
    std::string line;

    while (std::getline(file, line)) {
        std::istringstream words(line);
        filter f;
        double sigma;

        if (line.empty() || line[0] == '#') continue;
        words >> f.what >> f.plane >> f.shrink;
        while (words >> sigma)
            f.sigma_mm.push_back(sigma);
        p.filters.push_back(f);
    }
}

void set_up(peer &p, const char *folder, int w, int h)
{
    p.rgb = load(folder, "rgb", w, h, CV_8UC3);
    p.plane = load(folder, "plane", w, h, CV_32F);
    p.mask = load(folder, "mask", w, h, CV_8U);
    p.x.create(h, w, CV_32F);
    p.y.create(h, w, CV_32F);
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++)
            peer_map(&p.x.at<float>(y, x), &p.y.at<float>(y, x), x, y);
    for (int i = 0; i < 256; i++) {
        const double v = i / 255.0;
        p.code_light[static_cast<size_t>(i)] =
            static_cast<float>(v <= 0.04045 ? v / 12.92 : std::pow((v + 0.055) / 1.055, 2.4));
    }
}

} // namespace

int main(int argc, char **argv)
{
    static const peer_stage stages[] = {
        { "decode", run_decode, save_decode },
        { "maps", run_maps, save_maps },
        { "ridge", run_ridge, save_ridge },
        { "blobs", run_blobs, save_blobs },
        { "components", run_components, save_components },
        { "warp", run_warp, save_warp },
        { "filters", run_filters, nullptr },
        { nullptr, nullptr, nullptr },
    };
    peer p;

    if (argc != 6) return 64;
    cv::setNumThreads(1);
    p.photo = argv[2];
    set_up(p, argv[1], std::atoi(argv[3]), std::atoi(argv[4]));
    read_filters(p, argv[5]);
    printf("OpenCV %s\n", cv::getVersionString().c_str());
    fflush(stdout);
    peer_serve(&p, "opencv", argv[1], stages);
    return 0;
}
