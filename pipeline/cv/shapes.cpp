// SPDX-License-Identifier: Apache-2.0
// Filling, drawing and resizing for masks and pictures, by OpenCV's imgproc. Nothing here touches a
// measured pixel.
//
// Sub-pixel positions go to OpenCV as fixed-point numbers with `fraction_bits` bits.
#include "cv/guard.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include <opencv2/core.hpp>
#include <opencv2/core/utils/logger.hpp>
#include <opencv2/imgproc.hpp>

#include "cv/calls.h"

namespace
{

const int fraction_bits = 6;
const double fixed_one = 1 << fraction_bits;
const double far_px = 1e6; // positions are clamped to this, well inside the fixed-point range

int ignore_error(int, const char *, const char *, const char *, int, void *)
{
    return 0;
}

bool set_up()
{
    cv::setUseOptimized(false);
    cv::setNumThreads(1);
    cv::redirectError(ignore_error);
    cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
    return true;
}

cv::Mat wrap(const struct derm_mask *m)
{
    return cv::Mat(m->h, m->w, CV_8UC1, m->px, static_cast<size_t>(m->stride));
}

cv::Mat wrap(const struct derm_rgb8 *p)
{
    return cv::Mat(p->h, p->w, CV_8UC3, p->px, static_cast<size_t>(p->stride));
}

int to_fixed(double v)
{
    if (!std::isfinite(v)) throw std::invalid_argument("a position is not a number");
    return cvRound(std::clamp(v, -far_px, far_px) * fixed_one);
}

std::vector<cv::Point> to_fixed(const struct derm_cv_point *point, int n)
{
    std::vector<cv::Point> fixed;

    fixed.reserve(static_cast<size_t>(n));
    for (int i = 0; i < n; i++)
        fixed.emplace_back(to_fixed(static_cast<double>(point[i].x)),
                           to_fixed(static_cast<double>(point[i].y)));
    return fixed;
}

int pen(double width)
{
    return std::max(1, cvRound(width));
}

cv::Scalar colour(const uint8_t rgb[3])
{
    return cv::Scalar(rgb[0], rgb[1], rgb[2]);
}

// Contours follow pixel centres in steps of one pixel; two passes of [1 2 1]/4 take the stairs out.
std::vector<cv::Point> smooth(const std::vector<cv::Point> &contour)
{
    const size_t n = contour.size();
    std::vector<cv::Point> from(contour), to(n);

    for (cv::Point &p : from)
        p *= 1 << fraction_bits;
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < n; i++) {
            const cv::Point sum = from[(i + n - 1) % n] + 2 * from[i] + from[(i + 1) % n];
            to[i] = cv::Point(cvRound(sum.x * 0.25), cvRound(sum.y * 0.25));
        }
        from.swap(to);
    }
    return from;
}

const bool is_set_up = set_up(); // when the module is loaded

int dispatch_is_off()
{
    return is_set_up && !cv::useOptimized() && !cv::checkHardwareSupport(CV_CPU_AVX2);
}

derm_err fill(struct derm_mask *mask, const struct derm_cv_point *point, int n, uint8_t value,
              struct derm_error *err)
{
    return guarded(err, [&] {
        const std::vector<std::vector<cv::Point>> polygon{ to_fixed(point, n) };
        cv::Mat m = wrap(mask);

        if (n >= 3) cv::fillPoly(m, polygon, cv::Scalar(value), cv::LINE_8, fraction_bits);
        return DERM_OK;
    });
}

derm_err outline(struct derm_rgb8 *picture, const struct derm_mask *mask, const uint8_t rgb[3],
                 double width, struct derm_error *err)
{
    return guarded(err, [&] {
        cv::Mat shape, to = wrap(picture);
        std::vector<std::vector<cv::Point>> contours;

        if (mask->w == picture->w && mask->h == picture->h) {
            shape = wrap(mask);
        } else {
            cv::resize(wrap(mask), shape, to.size(), 0, 0, cv::INTER_LINEAR);
            cv::threshold(shape, shape, 127, 255, cv::THRESH_BINARY);
        }
        cv::findContours(shape, contours, cv::RETR_CCOMP, cv::CHAIN_APPROX_NONE);
        for (const std::vector<cv::Point> &contour : contours)
            cv::polylines(to, smooth(contour), true, colour(rgb), pen(width), cv::LINE_AA,
                          fraction_bits);
        return DERM_OK;
    });
}

derm_err text(struct derm_rgb8 *picture, double x, double y, const char *text, double height,
              const uint8_t rgb[3], struct derm_error *err)
{
    return guarded(err, [&] {
        const int font = cv::FONT_HERSHEY_DUPLEX, thickness = pen(height / 11);
        const double scale = cv::getFontScaleFromHeight(font, pen(height), thickness);
        cv::Mat to = wrap(picture);

        cv::putText(to, text, cv::Point(cvRound(x), cvRound(y)), font, scale, colour(rgb),
                    thickness, cv::LINE_AA);
        return DERM_OK;
    });
}

derm_err text_width(const char *text, double height, double *width_px, struct derm_error *err)
{
    return guarded(err, [&] {
        const int font = cv::FONT_HERSHEY_DUPLEX, thickness = pen(height / 11);
        const double scale = cv::getFontScaleFromHeight(font, pen(height), thickness);
        int below_px;

        *width_px = cv::getTextSize(text, font, scale, thickness, &below_px).width;
        return DERM_OK;
    });
}

derm_err line(struct derm_rgb8 *picture, const struct derm_cv_point *point, int n, int closed,
              const uint8_t rgb[3], double width, struct derm_error *err)
{
    return guarded(err, [&] {
        cv::Mat to = wrap(picture);

        if (n > 0)
            cv::polylines(to, to_fixed(point, n), closed != 0, colour(rgb), pen(width), cv::LINE_AA,
                          fraction_bits);
        return DERM_OK;
    });
}

derm_err circle(struct derm_rgb8 *picture, double x, double y, double radius, const uint8_t rgb[3],
                double width, struct derm_error *err)
{
    return guarded(err, [&] {
        cv::Mat to = wrap(picture);

        cv::circle(to, cv::Point(to_fixed(x), to_fixed(y)), std::max(0, to_fixed(radius)),
                   colour(rgb), width > 0 ? pen(width) : cv::FILLED, cv::LINE_AA, fraction_bits);
        return DERM_OK;
    });
}

derm_err resize(struct derm_rgb8 *dst, const struct derm_rgb8 *src, struct derm_error *err)
{
    return guarded(err, [&] {
        const bool smaller = dst->w < src->w && dst->h < src->h;
        cv::Mat to = wrap(dst);

        cv::resize(wrap(src), to, to.size(), 0, 0, smaller ? cv::INTER_AREA : cv::INTER_CUBIC);
        return DERM_OK;
    });
}

} // namespace

const struct derm_cv_calls derm_cv_calls = { dispatch_is_off, fill, outline, text,
                                             text_width,      line, circle,  resize };
