/* SPDX-License-Identifier: Apache-2.0 */
/* How the head is turned: the rotation that lays the canonical mesh over the landmarks best, with
 * the weights of MediaPipe's geometry pipeline. Closed form with unit quaternions (Horn 1987, J Opt
 * Soc Am A 4:629, section 4); scale and position drop out.
 *
 * Only + - * / and square roots are used, so that the angles are the same on every machine. */
#include <math.h>
#include <string.h>

#include "base/angle.h"
#include "nn/face.h"

enum { SWEEPS = 12 /* of Jacobi's method; a 4 x 4 matrix needs about 6 */ };

/* One Jacobi rotation that makes a[p][q] zero; v collects the eigenvectors in its columns. */
static void rotate(double a[4][4], double v[4][4], int p, int q)
{
    const double theta = 0.5 * (a[q][q] - a[p][p]) / a[p][q];
    const double t = (theta < 0 ? -1.0 : 1.0) / (fabs(theta) + sqrt(theta * theta + 1.0));
    const double c = 1.0 / sqrt(t * t + 1.0), s = t * c;

    for (int k = 0; k < 4; k++) {
        const double kp = a[k][p], kq = a[k][q], vp = v[k][p], vq = v[k][q];
        a[k][p] = c * kp - s * kq;
        a[k][q] = s * kp + c * kq;
        v[k][p] = c * vp - s * vq;
        v[k][q] = s * vp + c * vq;
    }
    for (int k = 0; k < 4; k++) {
        const double pk = a[p][k], qk = a[q][k];
        a[p][k] = c * pk - s * qk;
        a[q][k] = s * pk + c * qk;
    }
}

/* The eigenvector of the largest eigenvalue of the symmetric a. */
static void largest_eigenvector(double a[4][4], double out[4])
{
    double v[4][4] = { { 1, 0, 0, 0 }, { 0, 1, 0, 0 }, { 0, 0, 1, 0 }, { 0, 0, 0, 1 } };
    int best = 0;

    for (int sweep = 0; sweep < SWEEPS; sweep++)
        for (int p = 0; p < 3; p++)
            for (int q = p + 1; q < 4; q++)
                if (fabs(a[p][q]) > 1e-300) rotate(a, v, p, q);
    for (int k = 1; k < 4; k++)
        if (a[k][k] > a[best][best]) best = k;
    for (int k = 0; k < 4; k++)
        out[k] = v[k][best];
}

/* Landmark i in the axes of the mesh: x to the subject's left, y up, z to the camera. */
static void seen(const struct derm_face_points *points, int i, double out[3])
{
    out[0] = points->x[i];
    out[1] = -points->y[i];
    out[2] = -points->z[i];
}

/* s[i][j] = sum of weight mesh_i seen_j about the weighted centres. */
static void correlate(const struct derm_mesh *mesh, const struct derm_face_points *points,
                      double s[3][3])
{
    double from[3] = { 0 }, to[3] = { 0 }, total = 0, at[3];

    for (int i = 0; i < DERM_MESH_VERTICES; i++) {
        const double w = (double)mesh->weight[i];

        seen(points, i, at);
        for (int k = 0; k < 3; k++) {
            from[k] += w * (double)mesh->xyz[i][k];
            to[k] += w * at[k];
        }
        total += w;
    }
    memset(s, 0, 9 * sizeof(double));
    for (int i = 0; i < DERM_MESH_VERTICES; i++) {
        seen(points, i, at);
        for (int j = 0; j < 3; j++)
            for (int k = 0; k < 3; k++)
                s[j][k] += (double)mesh->weight[i] * ((double)mesh->xyz[i][j] - from[j] / total) *
                           (at[k] - to[k] / total);
    }
}

struct derm_face_pose derm_face_pose(const struct derm_mesh *mesh,
                                     const struct derm_face_points *points)
{
    double s[3][3], q[4];

    correlate(mesh, points, s);
    double n[4][4] = {
        { s[0][0] + s[1][1] + s[2][2], s[1][2] - s[2][1], s[2][0] - s[0][2], s[0][1] - s[1][0] },
        { s[1][2] - s[2][1], s[0][0] - s[1][1] - s[2][2], s[0][1] + s[1][0], s[2][0] + s[0][2] },
        { s[2][0] - s[0][2], s[0][1] + s[1][0], s[1][1] - s[0][0] - s[2][2], s[1][2] + s[2][1] },
        { s[0][1] - s[1][0], s[2][0] + s[0][2], s[1][2] + s[2][1], s[2][2] - s[0][0] - s[1][1] },
    };
    largest_eigenvector(n, q);

    /* the columns of the rotation: where the face's own x (to its left) and z (its nose) point */
    const double x[3] = { q[0] * q[0] + q[1] * q[1] - q[2] * q[2] - q[3] * q[3],
                          2 * (q[1] * q[2] + q[0] * q[3]), 2 * (q[1] * q[3] - q[0] * q[2]) };
    const double z[3] = { 2 * (q[1] * q[3] + q[0] * q[2]), 2 * (q[2] * q[3] - q[0] * q[1]),
                          q[0] * q[0] - q[1] * q[1] - q[2] * q[2] + q[3] * q[3] };

    return (struct derm_face_pose){
        .yaw_deg = derm_angle_deg(z[0], z[2]),
        .pitch_deg = derm_angle_deg(z[1], sqrt(z[0] * z[0] + z[2] * z[2])),
        .roll_deg = derm_angle_deg(-x[1], x[0]),
    };
}
